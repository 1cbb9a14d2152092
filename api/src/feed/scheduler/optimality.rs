//! Runs the scheduler in virtual time and compares the weighted age with the optimum. For a test and the benchmark.

use super::{Decision, Scheduler, SymbolDemand};
use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, VecDeque};
use watchtape_shared::{Price, Symbol};

/// Not measured: until periods and variance estimates have settled.
const WARM_UP: TimeDelta = TimeDelta::hours(2);
const MEASURED_TIME: TimeDelta = TimeDelta::hours(4);
/// The watchers of the first symbol of the Zipf distribution.
const MAX_WATCHERS: f64 = 1_000_000.0;

/// The result: sums of watchers × mean age, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The scheduler's.
    pub weighted: f64,
    /// The minimum, `(sum sqrt w)² / 2B`.
    pub optimum: f64,
    /// Round robin, `n * sum w / 2B`.
    pub round_robin: f64,
    /// The share of the budget that was used.
    pub used: f64,
    /// Calls that made a sliding minute exceed the limit.
    pub over: u64,
}

/// Measures `symbols` symbols of the same variance, with watchers by Zipf's law, one a call, at `per_minute` calls a
/// minute.
pub fn measure_weighted_age(symbols: usize, per_minute: u32) -> Outcome {
    let watchers: Vec<u32> = (1..=symbols).map(|rank| (MAX_WATCHERS / rank as f64).round().max(1.0) as u32).collect();
    let demand: HashMap<Symbol, SymbolDemand> = watchers.iter().enumerate().filter_map(symbol_demand).collect();
    let start = DateTime::UNIX_EPOCH;
    let budget = Budget { per_minute: Some(per_minute), ..Budget::default() };
    let mut scheduler = Scheduler::new(1, budget, start);
    scheduler.set_demand(&demand);
    let (from, to) = (start + WARM_UP, start + WARM_UP + MEASURED_TIME);
    let mut called_at: HashMap<Symbol, DateTime<Utc>> = HashMap::new();
    let (mut now, mut calls, mut over, mut weighted) = (start, 0_u32, 0_u64, 0.0);
    let mut last_minute: VecDeque<DateTime<Utc>> = VecDeque::new();
    while now < to {
        match scheduler.next(now) {
            Decision::Call(batch) => {
                scheduler.record_call(&batch, now);
                last_minute.push_back(now);
                last_minute.retain(|at| now - *at < TimeDelta::minutes(1));
                over += u64::from(last_minute.len() > per_minute as usize);
                calls += u32::from(now >= from);
                for symbol in batch {
                    scheduler.record_answer(&symbol, Price::from_micros(100_000_000), now);
                    let before = called_at.insert(symbol, now).unwrap_or(start);
                    weighted += f64::from(demand[&symbol].watchers) * age_integral(before, now, from);
                }
            }
            Decision::WaitUntil(at) => now = at,
            Decision::Idle => break,
        }
    }
    for (symbol, demand_of) in &demand {
        weighted +=
            f64::from(demand_of.watchers) * age_integral(called_at.get(symbol).copied().unwrap_or(start), to, from);
    }
    let rate = f64::from(per_minute) / 60.0;
    let roots: f64 = watchers.iter().map(|watchers| f64::from(*watchers).sqrt()).sum();
    let sum: f64 = watchers.iter().copied().map(f64::from).sum();
    Outcome {
        weighted: weighted / MEASURED_TIME.as_seconds_f64(),
        optimum: roots * roots / (2.0 * rate),
        round_robin: symbols as f64 * sum / (2.0 * rate),
        used: f64::from(calls) / (rate * MEASURED_TIME.as_seconds_f64()),
        over,
    }
}

fn symbol_demand((rank, watchers): (usize, &u32)) -> Option<(Symbol, SymbolDemand)> {
    let demand_of = SymbolDemand { watchers: *watchers, is_trading: true, last_close_at: None, is_streamed: false };
    Symbol::parse(&format!("S{rank}")).ok().map(|symbol| (symbol, demand_of))
}

/// The integral of the age of a price of `since` from `from` to `until`, in s².
fn age_integral(since: DateTime<Utc>, until: DateTime<Utc>, from: DateTime<Utc>) -> f64 {
    let (end, begin) = ((until - since).as_seconds_f64(), (from.max(since) - since).as_seconds_f64());
    ((end * end - begin * begin) / 2.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weighted_age_is_near_the_optimum_and_the_budget_is_used_and_kept() {
        let outcome = measure_weighted_age(500, 60);
        let ratio = outcome.weighted / outcome.optimum;
        assert!((0.99..1.02).contains(&ratio), "{ratio} of the optimum: {outcome:?}");
        assert!(outcome.round_robin / outcome.optimum > 1.5, "round robin is worse: {outcome:?}");
        assert!(outcome.used >= 0.99 && outcome.used <= 1.0, "{outcome:?}");
        assert_eq!(outcome.over, 0);
    }
}
