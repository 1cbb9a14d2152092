//! What every node knows of the source that its feed reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::quote::{Mode, Reason};

/// A source of prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSource {
    /// The source's name, as quotes give it.
    pub name: &'static str,
    /// How the source comes to its prices.
    pub mode: Mode,
    /// Which symbols it has, or may one day have, a price for.
    pub coverage: Coverage,
    /// How long after a batch the next is due: a source that is silent for several of these is stale.
    pub interval: Duration,
}

/// The symbols of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// The whole catalogue.
    All,
    /// These alone.
    Only(HashSet<Symbol>),
}

/// Symbols that were asked for and have no price, with the reason.
pub type Absent = Arc<HashMap<Symbol, Reason>>;
