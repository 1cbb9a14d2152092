//! The schedule driven in virtual time, to hold it against the optimum. Used by a test and by the measurements.

use super::{Decision, Scheduler, Wanted};
use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, VecDeque};
use watchtape_shared::{Price, Symbol};

/// Long enough for every symbol to have its period, and for the estimates of the variance to settle.
const WARM_UP: TimeDelta = TimeDelta::hours(2);
const MEASURED: TimeDelta = TimeDelta::hours(4);
/// The most watchers of a symbol: those of the first of the Zipf distribution.
const MOST_WATCHERS: f64 = 1_000_000.0;

/// What the simulated hours cost: sums of watchers × mean age, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// As the schedule does it.
    pub weighted: f64,
    /// The least that is possible, `(sum sqrt w)² / 2B`.
    pub optimum: f64,
    /// Everybody in turn, `n * sum w / 2B`.
    pub round_robin: f64,
    /// The share of the budget that was used.
    pub used: f64,
    /// Minutes, wherever they begin, that hold more calls than they may.
    pub over: u64,
}

/// Asks for so many symbols, with watchers by Zipf's law and the same variance, one a call, with so many calls a minute.
pub fn simulate(symbols: usize, per_minute: u32) -> Outcome {
    let watchers: Vec<u32> =
        (1..=symbols).map(|place| (MOST_WATCHERS / place as f64).round().max(1.0) as u32).collect();
    let demand: HashMap<Symbol, Wanted> = watchers.iter().enumerate().filter_map(wanted).collect();
    let start = DateTime::UNIX_EPOCH;
    let budget = Budget { per_minute: Some(per_minute), ..Budget::default() };
    let mut scheduler = Scheduler::new(1, budget, start);
    scheduler.set_demand(&demand);
    let (from, to) = (start + WARM_UP, start + WARM_UP + MEASURED);
    let mut asked_at: HashMap<Symbol, DateTime<Utc>> = HashMap::new();
    let (mut now, mut calls, mut over, mut weighted) = (start, 0_u32, 0_u64, 0.0);
    let mut last_minute: VecDeque<DateTime<Utc>> = VecDeque::new();
    while now < to {
        match scheduler.next(now) {
            Decision::Ask(batch) => {
                scheduler.asked(&batch, now);
                last_minute.push_back(now);
                last_minute.retain(|at| now - *at < TimeDelta::minutes(1));
                over += u64::from(last_minute.len() > per_minute as usize);
                calls += u32::from(now >= from);
                for symbol in batch {
                    scheduler.answered(&symbol, Price::from_micros(100_000_000), now);
                    let before = asked_at.insert(symbol, now).unwrap_or(start);
                    weighted += f64::from(demand[&symbol].watchers) * age_integral(before, now, from);
                }
            }
            Decision::WaitUntil(at) => now = at,
            Decision::Idle => break,
        }
    }
    for (symbol, wanted) in &demand {
        weighted += f64::from(wanted.watchers) * age_integral(asked_at.get(symbol).copied().unwrap_or(start), to, from);
    }
    let rate = f64::from(per_minute) / 60.0;
    let roots: f64 = watchers.iter().map(|watchers| f64::from(*watchers).sqrt()).sum();
    let sum: f64 = watchers.iter().copied().map(f64::from).sum();
    Outcome {
        weighted: weighted / MEASURED.as_seconds_f64(),
        optimum: roots * roots / (2.0 * rate),
        round_robin: symbols as f64 * sum / (2.0 * rate),
        used: f64::from(calls) / (rate * MEASURED.as_seconds_f64()),
        over,
    }
}

fn wanted((place, watchers): (usize, &u32)) -> Option<(Symbol, Wanted)> {
    let wanted = Wanted { watchers: *watchers, is_trading: true, last_close: None, is_streamed: false };
    Symbol::parse(&format!("S{place}")).ok().map(|symbol| (symbol, wanted))
}

/// The age of a price of `since`, summed over the time until `until`, as far as that is measured; in seconds squared.
fn age_integral(since: DateTime<Utc>, until: DateTime<Utc>, from: DateTime<Utc>) -> f64 {
    let (end, begin) = ((until - since).as_seconds_f64(), (from.max(since) - since).as_seconds_f64());
    ((end * end - begin * begin) / 2.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weighted_age_is_near_the_optimum_and_the_budget_is_used_and_kept() {
        let outcome = simulate(500, 60);
        let ratio = outcome.weighted / outcome.optimum;
        assert!((0.99..1.02).contains(&ratio), "{ratio} of the optimum: {outcome:?}");
        assert!(outcome.round_robin / outcome.optimum > 1.5, "there is something to win: {outcome:?}");
        assert!(outcome.used >= 0.99 && outcome.used <= 1.0, "{outcome:?}");
        assert_eq!(outcome.over, 0);
    }
}
