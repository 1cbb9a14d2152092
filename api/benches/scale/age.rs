//! How fresh prices are kept within a budget, against the optimum and against asking in turn; in virtual time.

use watchtape::feed::scheduler::optimality;

/// Sums of watchers × mean age in seconds, and how the budget fared.
pub(crate) struct Age {
    /// As the schedule does it.
    pub(crate) weighted: f64,
    /// The least that is possible.
    pub(crate) optimum: f64,
    /// Everybody in turn.
    pub(crate) round_robin: f64,
    /// The share of the budget that was used.
    pub(crate) used: f64,
    /// Minutes that held more calls than they may.
    pub(crate) over: u64,
}

/// Asks for so many symbols, with watchers by Zipf's law, one a call, with so many calls a minute.
pub(crate) fn simulate(symbols: usize, per_minute: u32) -> Age {
    let optimality::Outcome { weighted, optimum, round_robin, used, over } =
        optimality::measure_weighted_age(symbols, per_minute);
    Age { weighted, optimum, round_robin, used, over }
}
