//! Properties of the schedule under random demand, latencies and failures.

use super::Failure;
use super::next_call::*;
use super::symbol_demand::SymbolDemand;
use crate::feed::vendors::vendor::Budget;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::HashMap;
use std::collections::{HashSet, VecDeque};
use watchtape_shared::{Price, Symbol};

const OPEN: SymbolDemand = SymbolDemand { watchers: 1, is_trading: true, last_close_at: None, is_streamed: false };

fn symbol(number: usize) -> Symbol {
    Symbol::parse(&format!("S{number}")).expect("a symbol")
}

fn at(seconds: f64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::microseconds((seconds * 1e6) as i64)
}

fn price(micros: i64) -> Option<Price> {
    Price::from_micros(micros)
}

fn watched(numbers: impl IntoIterator<Item = usize>, demand: SymbolDemand) -> HashMap<Symbol, SymbolDemand> {
    numbers.into_iter().map(|number| (symbol(number), demand)).collect()
}

/// Answers each call at once until `until`; returns the calls.
fn serve(scheduler: &mut Scheduler, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<(DateTime<Utc>, Vec<Symbol>)> {
    let (mut now, mut calls) = (from, Vec::new());
    loop {
        match scheduler.next(now) {
            Decision::Call(symbols) => {
                scheduler.record_call(&symbols, now);
                symbols.iter().for_each(|symbol| scheduler.record_answer(symbol, price(100), now));
                calls.push((now, symbols));
            }
            Decision::WaitUntil(next) if next < until => now = next,
            Decision::WaitUntil(_) | Decision::Idle => return calls,
        }
    }
}

/// The most calls in any sliding window of this length.
fn most_in(window_seconds: f64, calls: &[DateTime<Utc>]) -> usize {
    let mut window: VecDeque<DateTime<Utc>> = VecDeque::new();
    let mut most = 0;
    for call in calls {
        window.push_back(*call);
        window.retain(|at| (*call - *at).as_seconds_f64() < window_seconds);
        most = most.max(window.len());
    }
    most
}

#[derive(Clone, Debug)]
enum Event {
    Demand(Vec<(usize, u32, bool)>),
    Retry(u32),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop::collection::vec((0..40_usize, 0..1000_u32, any::<bool>()), 0..40).prop_map(Event::Demand),
        1 => (1..90_u32).prop_map(Event::Retry),
    ]
}

fn budget() -> impl Strategy<Value = Budget> {
    let limit = |range: std::ops::Range<u32>| prop::option::of(range);
    (limit(1..5), limit(1..120), limit(1..3000)).prop_map(|(per_second, per_minute, per_day)| Budget {
        per_second,
        per_minute,
        per_day,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Random demand, latencies, failures, Retry-After and restarts (which know the day's calls and nothing else).
    #[test]
    fn limits_hold_and_requested_symbols_are_watched_and_not_in_flight(
        budget in budget(),
        batch in prop_oneof![Just(1_usize), 2..50_usize],
        start in 0..86_400_u32,
        events in prop::collection::vec((1..120_u32, event()), 1..12),
        latencies in prop::collection::vec((0..9000_u32, 0..4_u32), 1..20),
        restarts in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut now = at(f64::from(start));
        let mut scheduler = Scheduler::new(batch, budget, now);
        let mut demand: HashMap<Symbol, SymbolDemand> = HashMap::new();
        let mut in_flight: Vec<(DateTime<Utc>, bool, Vec<Symbol>)> = Vec::new();
        let mut calls: Vec<DateTime<Utc>> = Vec::new();
        let mut paused_until = now;
        // Symbols with an answer in this run.
        let (mut warm, mut tried) = (HashSet::<Symbol>::new(), HashSet::<Symbol>::new());
        for ((seconds, event), restarts) in events.into_iter().zip(restarts) {
            match event {
                Event::Demand(symbols) => {
                    demand = symbols.into_iter().map(|(number, watchers, is_trading)| {
                        let last_close_at = Some(at(0.0));
                        let is_streamed = number % 7 == 0;
                        (symbol(number), SymbolDemand { watchers, is_trading, last_close_at, is_streamed })
                    }).collect();
                }
                Event::Retry(seconds) => {
                    paused_until = paused_until.max(now + TimeDelta::seconds(i64::from(seconds)));
                    scheduler.pause_until(paused_until);
                }
            }
            if restarts {
                let today = calls.iter().filter(|call| call.date_naive() == now.date_naive()).count();
                scheduler = Scheduler::new(batch, budget, now);
                scheduler.set_calls_on(now.date_naive(), today as u64);
                in_flight.clear();
                warm.clear();
                tried.clear();
                paused_until = now;
            }
            scheduler.set_demand(&demand);
            let until = now + TimeDelta::seconds(i64::from(seconds));
            while now < until {
                in_flight.retain(|(done_at, is_good, symbols)| {
                    if *done_at > now { return true; }
                    if *is_good {
                        symbols.iter().for_each(|symbol| scheduler.record_answer(symbol, price(100), now));
                        warm.extend(symbols);
                    } else {
                        scheduler.record_failure(symbols, Failure::Failed, now);
                    }
                    false
                });
                let woken = in_flight.iter().map(|(done_at, ..)| *done_at).min().unwrap_or(until);
                match scheduler.next(now) {
                    Decision::Call(symbols) => {
                        prop_assert!(!symbols.is_empty() && symbols.len() <= batch);
                        prop_assert!(now >= paused_until, "Retry-After is honoured");
                        let busy: HashSet<&Symbol> = in_flight.iter().flat_map(|(.., symbols)| symbols).collect();
                        for symbol in &symbols {
                            let is_watched = demand.get(symbol).is_some_and(|demand| demand.watchers > 0);
                            prop_assert!(is_watched, "{symbol} is not watched");
                            prop_assert!(!busy.contains(symbol), "{symbol} is in flight");
                        }
                        let untried = demand.iter().filter(|(_, demand)| demand.watchers > 0).map(|(symbol, _)| symbol)
                            .filter(|symbol| !tried.contains(symbol) && !symbols.contains(symbol)).count();
                        prop_assert!(untried == 0 || symbols.iter().all(|symbol| !warm.contains(symbol)), "cold first");
                        tried.extend(symbols.iter().copied());
                        scheduler.record_call(&symbols, now);
                        let (latency, luck) = latencies[calls.len() % latencies.len()];
                        let done_at = now + TimeDelta::milliseconds(i64::from(latency));
                        in_flight.push((done_at, luck > 0, symbols));
                        calls.push(now);
                    }
                    Decision::WaitUntil(next) => {
                        prop_assert!(next > now);
                        now = next.min(woken).min(until);
                    }
                    Decision::Idle => now = woken.min(until),
                }
            }
        }
        for (limit, window) in [(budget.per_second, 1.0), (budget.per_minute, 60.0)] {
            if let Some(limit) = limit {
                prop_assert!(most_in(window, &calls) <= limit as usize);
            }
        }
        if let Some(limit) = budget.per_day {
            let mut days: HashMap<NaiveDate, u32> = HashMap::new();
            calls.iter().for_each(|call| *days.entry(call.date_naive()).or_default() += 1);
            prop_assert!(days.values().all(|calls| *calls <= limit));
        }
    }

    #[test]
    fn the_budget_is_used_when_demand_exceeds_it(batch in 1..10_usize, per_minute in 1..120_u32) {
        let mut scheduler = Scheduler::new(batch, Budget { per_minute: Some(per_minute), ..Budget::default() }, at(0.0));
        let symbols = batch * (per_minute as usize / 12 + 1) + 1;
        scheduler.set_demand(&watched(0..symbols, OPEN));
        let minutes = 5;
        let calls = serve(&mut scheduler, at(0.0), at(f64::from(minutes) * 60.0)).len();
        prop_assert!(calls as f64 >= 0.98 * f64::from(per_minute * minutes) - 1.0, "{calls} of {}", per_minute * minutes);
    }

    /// With any number of earlier calls that day the limit holds, and the remaining calls are used and spread evenly.
    #[test]
    fn the_days_budget_is_kept_across_a_restart_and_spread(limit in 20..2000_u32, before in 0..2000_u32, hour in 0..20_u32) {
        let start = at(f64::from(hour) * 3600.0);
        let mut scheduler = Scheduler::new(1, Budget { per_day: Some(limit), ..Budget::default() }, start);
        scheduler.set_calls_on(start.date_naive(), u64::from(before));
        scheduler.set_demand(&watched(0..500, OPEN));
        let midnight = at(86_400.0);
        let calls = serve(&mut scheduler, start, midnight);
        let left = limit.saturating_sub(before) as usize;
        prop_assert!(calls.len() <= left);
        prop_assert!(calls.len() as f64 >= 0.98 * left as f64 - 1.0, "{} of {left}", calls.len());
        prop_assert_eq!(scheduler.is_exhausted(midnight - TimeDelta::microseconds(1)), calls.len() == left);
        prop_assert!(!scheduler.is_exhausted(midnight));
        let half = calls.iter().filter(|(call, _)| *call - start < (midnight - start) / 2).count() as f64;
        prop_assert!((half - left as f64 / 2.0).abs() <= 2.0 + left as f64 / 50.0, "{half} of {left} in the first half");
    }

    /// On a weekend: one call for the close of a symbol watched before, one for the first price of another.
    #[test]
    fn a_weekend_costs_at_most_two_calls_a_symbol(
        batch in 1..30_usize,
        changes in prop::collection::vec((prop::collection::vec(0..30_usize, 0..30), 1..7200_u32), 1..40),
    ) {
        let mut scheduler = Scheduler::new(batch, Budget { per_minute: Some(100), ..Budget::default() }, at(0.0));
        scheduler.set_demand(&watched(0..10, OPEN));
        serve(&mut scheduler, at(0.0), at(60.0));
        let closed = SymbolDemand { is_trading: false, last_close_at: Some(at(90.0)), ..OPEN };
        let (mut now, mut calls) = (60.0, Vec::new());
        for (symbols, seconds) in changes {
            scheduler.set_demand(&watched(symbols, closed));
            calls.extend(serve(&mut scheduler, at(now), at(now + f64::from(seconds))));
            now += f64::from(seconds);
        }
        for number in 0..30 {
            let request_count = calls.iter().filter(|(_, symbols)| symbols.contains(&symbol(number))).count();
            prop_assert!(request_count <= 2, "{number} was requested {request_count} times");
        }
    }

    /// A symbol that never moves is requested at least a twentieth as often as one that always does.
    #[test]
    fn a_quiet_symbol_is_not_starved(wild in 2..10_usize) {
        let mut scheduler = Scheduler::new(1, Budget { per_minute: Some(20), ..Budget::default() }, at(0.0));
        scheduler.set_demand(&watched(0..=wild, OPEN));
        let (mut now, mut quiet, mut calls) = (at(0.0), 0, 0);
        while now < at(7200.0) {
            match scheduler.next(now) {
                Decision::Call(symbols) => {
                    scheduler.record_call(&symbols, now);
                    calls += 1;
                    let moves = symbols[0] != symbol(0);
                    quiet += usize::from(!moves);
                    let answer = if moves && calls % 2 == 0 { 150_000_000 } else { 100_000_000 };
                    scheduler.record_answer(&symbols[0], price(answer), now);
                }
                Decision::WaitUntil(next) => now = next,
                Decision::Idle => break,
            }
        }
        prop_assert!(quiet * 20 * wild >= calls, "{quiet} of {calls}");
    }
}

#[test]
fn a_symbol_without_a_price_takes_the_next_call_once_for_all_watchers() {
    let mut scheduler = Scheduler::new(1, Budget { per_minute: Some(60), ..Budget::default() }, at(0.0));
    let mut demand = watched(0..50, SymbolDemand { watchers: 1_000_000, ..OPEN });
    scheduler.set_demand(&demand);
    assert!(matches!(scheduler.next(at(0.0)), Decision::WaitUntil(first) if first > at(1.0)), "one spacing first");
    serve(&mut scheduler, at(0.0), at(300.0));
    demand.insert(symbol(99), SymbolDemand { watchers: 7, ..OPEN });
    scheduler.set_demand(&demand);
    let calls = serve(&mut scheduler, at(300.0), at(330.0));
    assert_eq!(calls[0].1, [symbol(99)]);
    assert!(calls[0].0 - at(300.0) < TimeDelta::milliseconds(1100));
    assert!(calls[1..].iter().take(10).all(|(_, symbols)| *symbols != [symbol(99)]), "one call serves them all");
}

#[test]
fn a_closed_market_costs_one_call_after_the_close_and_one_for_a_new_symbol() {
    for batch in [1, 100] {
        let mut scheduler = Scheduler::new(batch, Budget { per_minute: Some(60), ..Budget::default() }, at(0.0));
        scheduler.set_demand(&watched(0..3, OPEN));
        serve(&mut scheduler, at(0.0), at(60.0));
        let closed = SymbolDemand { is_trading: false, last_close_at: Some(at(90.0)), ..OPEN };
        scheduler.set_demand(&watched(0..5, closed));
        let weekend = 60.0 + 62.0 * 3600.0;
        let calls = serve(&mut scheduler, at(60.0), at(weekend));
        let of = |number| calls.iter().filter(|(_, symbols)| symbols.contains(&symbol(number))).count();
        assert_eq!([of(0), of(1), of(2)], [1, 1, 1], "the close");
        assert_eq!([of(3), of(4)], [2, 2], "its first price, and the close, which was still ahead");
        assert!(calls.iter().all(|(call, _)| *call < at(120.0)));
        scheduler.set_demand(&watched(0..5, OPEN));
        assert!(matches!(scheduler.next(at(weekend)), Decision::Call(_)), "it trades again");
    }
}

#[test]
fn a_batch_is_called_every_5_s_and_filled_with_symbols_not_due() {
    let mut scheduler = Scheduler::new(100, Budget::default(), at(0.0));
    scheduler.set_demand(&watched(0..99, OPEN));
    let calls = serve(&mut scheduler, at(0.0), at(61.5));
    assert_eq!(calls.len(), 13, "the first after a second, then every 5 s");
    assert!(calls.iter().all(|(_, symbols)| symbols.len() == 99));
    scheduler.set_demand(&watched(0..100, OPEN));
    let calls = serve(&mut scheduler, at(62.5), at(122.0));
    assert_eq!(calls[0].1.len(), 100, "a new symbol does not cost a call of its own");
    assert_eq!(calls.len(), 12);
}

#[test]
fn symbols_beyond_a_batch_take_turns_oldest_first() {
    let mut scheduler = Scheduler::new(10, Budget::default(), at(0.0));
    scheduler.set_demand(&watched(0..25, OPEN));
    let calls = serve(&mut scheduler, at(0.0), at(101.0));
    assert!((48..=52).contains(&calls.len()), "each about every 5 s: {}", calls.len());
    for number in 0..25 {
        let request_count = calls.iter().filter(|(_, symbols)| symbols.contains(&symbol(number))).count();
        assert!(
            (15..=26).contains(&request_count),
            "each every 4 to 6 s: {number} was requested {request_count} times"
        );
    }
}

#[test]
fn a_failing_symbol_does_not_use_the_calls_of_others() {
    let mut scheduler = Scheduler::new(1, Budget { per_minute: Some(60), ..Budget::default() }, at(0.0));
    scheduler.set_demand(&watched(0..20, OPEN));
    let (mut now, mut failed, mut served) = (at(0.0), 0, 0);
    while let Decision::Call(_) | Decision::WaitUntil(_) = scheduler.next(now) {
        if now > at(600.0) {
            break;
        }
        match scheduler.next(now) {
            Decision::Call(symbols) => {
                scheduler.record_call(&symbols, now);
                if symbols[0] == symbol(3) {
                    failed += 1;
                    scheduler.record_failure(&symbols, Failure::Failed, now);
                } else {
                    served += 1;
                    scheduler.record_answer(&symbols[0], price(100), now);
                }
            }
            Decision::WaitUntil(next) => now = next,
            Decision::Idle => break,
        }
    }
    assert!((3..12).contains(&failed), "{failed}");
    assert!(served > 570, "{served}");
}

#[test]
fn a_clock_that_is_set_back_costs_one_spacing() {
    let mut scheduler = Scheduler::new(1, Budget { per_minute: Some(60), ..Budget::default() }, at(10_000.0));
    scheduler.set_demand(&watched(0..3, OPEN));
    serve(&mut scheduler, at(10_000.0), at(10_060.0));
    assert!(matches!(scheduler.next(at(5000.0)), Decision::WaitUntil(next) if next <= at(5006.0)));
}

/// Which symbols get a price, and of how many symbols each call is, where a call fails that has one of `bad` in it.
fn serve_around(
    scheduler: &mut Scheduler,
    bad: &HashSet<Symbol>,
    from: f64,
    until: f64,
) -> (HashSet<Symbol>, Vec<usize>) {
    let (mut now, mut priced, mut calls) = (at(from), HashSet::new(), Vec::new());
    while now < at(until) {
        match scheduler.next(now) {
            Decision::Call(symbols) => {
                scheduler.record_call(&symbols, now);
                calls.push(symbols.len());
                if symbols.iter().any(|symbol| bad.contains(symbol)) {
                    scheduler.record_failure(&symbols, Failure::Refused, now);
                } else {
                    symbols.iter().for_each(|symbol| scheduler.record_answer(symbol, price(100), now));
                    priced.extend(symbols);
                }
            }
            Decision::WaitUntil(next) => now = next,
            Decision::Idle => break,
        }
    }
    (priced, calls)
}

proptest! {
    /// Whichever symbols fail, every other one is priced; with as many calls as a search by halves takes, and then those of
    /// others only.
    #[test]
    fn nobodys_price_depends_on_another_symbol(
        batch in prop_oneof![Just(1_usize), 2..60_usize],
        bad in prop::collection::hash_set(0..50_usize, 0..25),
    ) {
        let mut scheduler = Scheduler::new(batch, Budget { per_minute: Some(60), ..Budget::default() }, at(0.0));
        scheduler.set_demand(&watched(0..50, OPEN));
        let bad: HashSet<Symbol> = bad.into_iter().map(symbol).collect();
        // One call by itself and one by halves for each, and a share for the retries of those that fail.
        let calls = 60 + bad.len() * 14;
        let (priced, _) = serve_around(&mut scheduler, &bad, 0.0, 2.0 + calls as f64 * 1.01);
        prop_assert_eq!(priced.len(), 50 - bad.len(), "{:?} of {} in {} calls", priced.len(), 50 - bad.len(), calls);
        prop_assert!(bad.iter().all(|symbol| scheduler.is_failing(symbol)));
        let (priced, calls) = serve_around(&mut scheduler, &bad, 3600.0, 3720.0);
        prop_assert_eq!(priced.len(), 50 - bad.len());
        prop_assert!(!calls.is_empty());
    }
}

#[test]
fn a_batch_with_a_new_bad_symbol_costs_three_calls() {
    let mut scheduler = Scheduler::new(100, Budget::default(), at(0.0));
    scheduler.set_demand(&watched(0..49, OPEN));
    serve_around(&mut scheduler, &HashSet::new(), 0.0, 30.0);
    scheduler.set_demand(&watched(0..50, OPEN));
    let (_, sizes) = serve_around(&mut scheduler, &HashSet::from([symbol(49)]), 30.0, 60.0);
    assert_eq!(
        sizes[..4],
        [50, 49, 1, 49],
        "all; those that were priced before; the new one; and without it from then on"
    );
}
