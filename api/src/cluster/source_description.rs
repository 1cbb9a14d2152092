//! The description of the cluster's price source, which every node has from its settings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::quote::{Mode, Reason};
use watchtape_shared::ticker::Ticker;

/// A source of prices.
#[derive(Clone)]
pub struct PriceSource {
    /// The source's name, as quotes give it.
    pub name: &'static str,
    /// Whether prices are live, delayed, simulated or replayed.
    pub mode: Mode,
    /// The symbols that it may have a price of.
    pub coverage: Coverage,
    /// The expected interval between batches. A source that is silent for several of them is stale.
    pub interval: Duration,
}

/// The symbols of a source.
#[derive(Clone)]
pub enum Coverage {
    /// The whole catalogue.
    All,
    /// Only these.
    Only(HashSet<Symbol>),
    /// Those for which this holds, also of what the catalogue has later.
    Where(Arc<dyn Fn(&Ticker) -> bool + Send + Sync>),
}

/// Requested symbols without a price, with the reason.
pub type UnpricedSymbols = Arc<HashMap<Symbol, Reason>>;
