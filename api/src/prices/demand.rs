//! Which symbols somebody watches, and how many do.

use std::collections::HashMap;
use std::sync::Arc;
use watchtape_shared::Symbol;

/// The watchers of each symbol that has any, over all nodes.
pub type Watched = Arc<HashMap<Symbol, u32>>;
