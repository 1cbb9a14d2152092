//! The rows: each measures one thing, and its reference beside it.

mod cost;
mod latency;
mod memory;
mod not_reading;
mod reconnecting;
mod requests;
mod scene;
mod two_nodes;
mod weighted_age;

use crate::Result;
use crate::server::Servers;
use crate::table::Row;

/// How many connections are opened at a time where that is not what is measured.
const AT_ONCE: usize = 500;
/// Symbols on a list, and symbols in all.
const LIST: usize = 20;
const UNIVERSE: usize = 500;

/// A row's work, and about how many seconds it takes.
pub(crate) struct Measure {
    pub(crate) number: u8,
    pub(crate) seconds: u64,
    pub(crate) run: fn(&Servers, usize) -> Result<Vec<Row>>,
}

/// All of them, in the table's order. `clients` is 5,000 where nothing else is asked for.
pub(crate) const ALL: [Measure; 10] = [
    Measure { number: 1, seconds: 35, run: cost::one_symbol },
    Measure { number: 2, seconds: 40, run: cost::lists },
    Measure { number: 3, seconds: 12, run: memory::memory },
    Measure { number: 4, seconds: 30, run: latency::latency },
    Measure { number: 5, seconds: 35, run: latency::one_round },
    Measure { number: 6, seconds: 40, run: not_reading::not_reading },
    Measure { number: 7, seconds: 30, run: reconnecting::reconnecting },
    Measure { number: 8, seconds: 20, run: requests::requests },
    Measure { number: 9, seconds: 5, run: weighted_age::weighted_age },
    Measure { number: 10, seconds: 15, run: two_nodes::two_nodes },
];
