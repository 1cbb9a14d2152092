//! Builds bars from ticks: the current minute and day of each symbol. Storing a bar again widens the stored one, so
//! that a bar is complete only in the database: after a restart it continues there.
//!
//! Open, high, low and close are of the recorded prices alone, not the source's figures of the day. A day's volume is
//! the source's; a minute's is the difference of two of them. Deliberately absent: a clock and I/O, which are
//! `recorder.rs`'s.

use super::bar_series::Series;
use crate::db::bar::NewBar;
use crate::feed::provider::Tick;
use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::Symbol;
use watchtape_shared::bar::{Bar, Interval};

/// The most ended bars that wait for the database; beyond that the oldest are dropped.
const MAX_UNSTORED: usize = 50_000;
/// Day volumes further apart than this give no minute's volume: the trades between may be of other minutes.
const VOLUME_GAP: TimeDelta = TimeDelta::minutes(15);

/// The open bars of one symbol.
#[derive(Default)]
struct SymbolBars {
    minute: Series,
    day: Series,
    /// The last day volume: its day, its time and the shares.
    total: Option<(NaiveDate, DateTime<Utc>, u64)>,
}

impl SymbolBars {
    fn series(&mut self, interval: Interval) -> &mut Series {
        match interval {
            Interval::OneMinute => &mut self.minute,
            Interval::OneDay => &mut self.day,
        }
    }
}

/// The open bars, at most four a symbol, and ended bars that are not stored yet. The catalogue bounds the symbols.
#[derive(Default)]
pub struct Bars {
    symbols: HashMap<Symbol, SymbolBars>,
    /// Ended bars that are not stored, ordered by start: the oldest are dropped first.
    unstored: BTreeMap<(DateTime<Utc>, Interval, Symbol), Bar>,
    dropped: u64,
}

impl Bars {
    /// Records a tick in its minute and, within regular hours, in its day; nothing of one that counts for the last price alone.
    pub fn record(&mut self, tick: &Tick) {
        if tick.is_last_only {
            return;
        }
        let Tick { symbol, price, as_of, .. } = *tick;
        let Ok(minute) = as_of.duration_trunc(TimeDelta::minutes(1)) else { return };
        let symbol_bars = self.symbols.entry(symbol).or_default();
        let (evicted, open_bar) = symbol_bars.minute.record(minute, price, as_of);
        let mut unstored = [(Interval::OneMinute, evicted), (Interval::OneDay, None)];
        // Not for a late tick: a newer day volume is known already.
        if let (Some(open_bar), Some(total)) = (open_bar, tick.volume) {
            let known = symbol_bars.total.filter(|(day, at, _)| *day == tick.day && as_of - *at <= VOLUME_GAP);
            if let Some((_, _, known)) = known {
                // A smaller total means that the source started over.
                let volume = open_bar.bar.volume.unwrap_or(0).saturating_add(total.saturating_sub(known));
                open_bar.set(Bar { volume: Some(volume), ..open_bar.bar });
            }
            symbol_bars.total = Some((tick.day, as_of, total));
        }
        if !tick.is_extended {
            let (evicted, open_bar) = symbol_bars.day.record(tick.day.and_time(NaiveTime::MIN).and_utc(), price, as_of);
            unstored[1].1 = evicted;
            if let Some(open_bar) = open_bar {
                open_bar.set(Bar { volume: tick.volume.or(open_bar.bar.volume), ..open_bar.bar });
            }
        }
        for (interval, evicted) in unstored {
            if let Some(bar) = evicted {
                self.keep_unstored(NewBar { symbol, interval, bar });
            }
        }
    }

    /// Takes the bars that changed since the last call, to be stored.
    pub fn take_dirty(&mut self) -> Vec<NewBar> {
        let unstored = std::mem::take(&mut self.unstored).into_iter();
        let mut dirty: Vec<NewBar> =
            unstored.map(|((_, interval, symbol), bar)| NewBar { symbol, interval, bar }).collect();
        for (symbol, symbol_bars) in &mut self.symbols {
            for interval in [Interval::OneMinute, Interval::OneDay] {
                let changed = symbol_bars.series(interval).open_bars().filter(|open_bar| open_bar.is_dirty);
                dirty.extend(changed.map(|open_bar| {
                    open_bar.is_dirty = false;
                    NewBar { symbol: *symbol, interval, bar: open_bar.bar }
                }));
            }
        }
        dirty
    }

    /// Puts back bars that could not be stored.
    pub fn restore(&mut self, bars: &[NewBar]) {
        for new in bars {
            let series = self.symbols.get_mut(&new.symbol).map(|symbol_bars| symbol_bars.series(new.interval));
            let open_bar =
                series.and_then(|series| series.open_bars().find(|open_bar| open_bar.bar.start == new.bar.start));
            match open_bar {
                // The open bar includes the one taken.
                Some(open_bar) => open_bar.is_dirty = true,
                None => self.keep_unstored(*new),
            }
        }
    }

    /// Takes the number of bars dropped since the last call.
    pub fn take_dropped_count(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn keep_unstored(&mut self, new: NewBar) {
        let kept = self.unstored.entry((new.bar.start, new.interval, new.symbol));
        kept.and_modify(|bar| *bar = bar.widened_by(new.bar)).or_insert(new.bar);
        if self.unstored.len() > MAX_UNSTORED {
            self.unstored.pop_first();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watchtape_shared::Price;
    use watchtape_shared::quote::Mode;

    type Stored = BTreeMap<(Interval, DateTime<Utc>), Bar>;

    /// Merges as the database does.
    fn store(stored: &mut Stored, bars: &[NewBar]) {
        for new in bars {
            let bar = stored.entry((new.interval, new.bar.start)).or_insert(new.bar);
            *bar = bar.widened_by(new.bar);
        }
    }

    fn tick(price: i64, as_of: &str, volume: Option<u64>) -> Tick {
        let as_of: DateTime<Utc> = as_of.parse().expect("a time");
        Tick {
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            price: Price::from_micros(price).expect("a price"),
            as_of,
            day: as_of.date_naive(),
            is_extended: false,
            is_last_only: false,
            starts_over: false,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume,
            source: "test",
            mode: Mode::Live,
        }
    }

    fn micros(bar: &Bar) -> (i64, i64, i64, i64) {
        (bar.open.micros(), bar.high.micros(), bar.low.micros(), bar.close.micros())
    }

    /// The bars of ticks that came in order, computed from the whole of them.
    fn naive(ticks: &[Tick]) -> Stored {
        let mut members: BTreeMap<(Interval, DateTime<Utc>), Vec<usize>> = BTreeMap::new();
        for (number, tick) in ticks.iter().enumerate() {
            let minute = tick.as_of.timestamp() / 60 * 60;
            let minute = DateTime::from_timestamp(minute, 0).expect("a time");
            members.entry((Interval::OneMinute, minute)).or_default().push(number);
            if !tick.is_extended {
                let day = tick.day.and_hms_opt(0, 0, 0).expect("midnight").and_utc();
                members.entry((Interval::OneDay, day)).or_default().push(number);
            }
        }
        let traded = |number: usize| {
            let total = ticks[number].volume?;
            let before = ticks[..number].iter().rev().find(|tick| tick.volume.is_some())?;
            let is_near = before.day == ticks[number].day && ticks[number].as_of - before.as_of <= VOLUME_GAP;
            is_near.then(|| before.volume.map(|before| total - before)).flatten()
        };
        let bar = |((interval, start), numbers): ((Interval, DateTime<Utc>), Vec<usize>)| {
            let prices = || numbers.iter().map(|number| ticks[*number].price);
            let known: Vec<u64> = numbers.iter().filter_map(|number| traded(*number)).collect();
            let volume = match interval {
                Interval::OneMinute => (!known.is_empty()).then(|| known.iter().sum()),
                Interval::OneDay => numbers.iter().rev().find_map(|number| ticks[*number].volume),
            };
            let bar = Bar {
                start,
                open: prices().next().expect("a price"),
                high: prices().max().expect("a price"),
                low: prices().min().expect("a price"),
                close: prices().next_back().expect("a price"),
                volume,
            };
            ((interval, start), bar)
        };
        members.into_iter().map(bar).collect()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Tick { price: i64, later_ms: i64, is_extended: bool, traded: Option<u64> },
        Store,
        FailToStore,
        Restart,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // Mostly within a minute of each other, now and then a night apart.
        let later = prop_oneof![8 => 0..40_000i64, 2 => 0..1_200_000i64, 1 => 20_000_000..90_000_000i64];
        let tick = (1..1_000i64, later, any::<bool>(), prop::option::weighted(0.8, 0..500u64))
            .prop_map(|(price, later_ms, is_extended, traded)| Step::Tick { price, later_ms, is_extended, traded });
        let step =
            prop_oneof![12 => tick, 2 => Just(Step::Store), 2 => Just(Step::FailToStore), 1 => Just(Step::Restart)];
        prop::collection::vec(step, 1..120)
    }

    proptest! {
        /// Whatever the order of stores, failed stores and restarts, the stored bars equal those of all ticks at once.
        /// A restart may lose a part of a minute's volume but never adds to it.
        #[test]
        fn stored_bars_equal_those_of_all_ticks(steps in steps()) {
            let (mut bars, mut stored, mut ticks) = (Bars::default(), Stored::new(), Vec::new());
            let (mut total, mut restarts) = (0, 0);
            let mut last = tick(1, "2026-11-20T14:30:00Z", None);
            for step in steps {
                match step {
                    Step::Tick { price, later_ms, is_extended, traded } => {
                        let as_of = last.as_of + TimeDelta::milliseconds(later_ms);
                        if as_of.date_naive() != last.day {
                            total = 0;
                        }
                        total += traded.unwrap_or(0);
                        let price = Price::from_micros(price).expect("a price");
                        let volume = traded.map(|_| total);
                        last = Tick { price, as_of, day: as_of.date_naive(), is_extended, volume, ..last };
                        bars.record(&last);
                        ticks.push(last);
                    }
                    Step::Store => store(&mut stored, &bars.take_dirty()),
                    Step::FailToStore => {
                        let dirty = bars.take_dirty();
                        bars.restore(&dirty);
                    }
                    Step::Restart => {
                        store(&mut stored, &bars.take_dirty());
                        bars = Bars::default();
                        restarts += 1;
                    }
                }
            }
            store(&mut stored, &bars.take_dirty());
            prop_assert!(bars.take_dirty().is_empty(), "what is stored is not stored again");
            let expected = naive(&ticks);
            prop_assert_eq!(stored.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (key, bar) in &stored {
                prop_assert_eq!(micros(bar), micros(&expected[key]), "{:?}", key);
                if restarts == 0 {
                    prop_assert_eq!(bar.volume, expected[key].volume, "{:?}", key);
                } else {
                    prop_assert!(bar.volume <= expected[key].volume, "{:?}", key);
                }
            }
        }

        /// Ticks in any order: no panic, open and close are within each bar, and few bars are kept.
        #[test]
        fn disorder_leaves_valid_bars(ticks in prop::collection::vec((1..1_000i64, 0..600i64, 0..9u64), 1..80)) {
            let mut bars = Bars::default();
            for (price, second, volume) in ticks {
                let mut late = tick(price, "2026-11-20T14:30:00Z", Some(volume));
                late.as_of += TimeDelta::seconds(second);
                bars.record(&late);
                prop_assert!(bars.unstored.len() <= 10);
            }
            for new in bars.take_dirty() {
                let (open, high, low, close) = micros(&new.bar);
                prop_assert!((low..=high).contains(&open) && (low..=high).contains(&close));
            }
        }
    }

    #[test]
    fn a_late_tick_widens_one_of_the_two_newest_minutes_alone() {
        let mut bars = Bars::default();
        for (price, as_of) in [
            (50, "2026-11-20T14:30:10Z"),
            (60, "2026-11-20T14:31:10Z"),
            (70, "2026-11-20T14:32:10Z"),
            // The newest minute, the one before (twice), an older one, and one without a bar.
            (65, "2026-11-20T14:32:05Z"),
            (90, "2026-11-20T14:31:50Z"),
            (80, "2026-11-20T14:31:20Z"),
            (1, "2026-11-20T14:30:50Z"),
            (1, "2026-11-20T14:29:50Z"),
        ] {
            bars.record(&tick(price, as_of, None));
        }
        let mut stored = Stored::new();
        store(&mut stored, &bars.take_dirty());
        let minutes = stored.iter().filter(|((interval, _), _)| *interval == Interval::OneMinute);
        let minutes: Vec<_> = minutes.map(|(_, bar)| micros(bar)).collect();
        assert_eq!(minutes, [(50, 50, 50, 50), (60, 90, 60, 90), (70, 70, 65, 70)]);
    }

    #[test]
    fn a_day_volume_that_starts_over_subtracts_nothing() {
        let mut bars = Bars::default();
        for (second, total) in [(10, 500), (20, 540), (30, 20), (40, 25)] {
            bars.record(&tick(50, &format!("2026-11-20T14:30:{second}Z"), Some(total)));
        }
        let volumes: Vec<_> = bars.take_dirty().iter().map(|new| (new.interval, new.bar.volume)).collect();
        assert_eq!(volumes, [(Interval::OneMinute, Some(45)), (Interval::OneDay, Some(25))]);
    }

    #[test]
    fn a_long_database_outage_drops_the_oldest_bars() {
        let mut bars = Bars::default();
        let mut late = tick(50, "2026-11-20T00:00:00Z", None);
        for _ in 0..MAX_UNSTORED + 12 {
            bars.record(&late);
            late.as_of += TimeDelta::minutes(1);
        }
        assert_eq!((bars.unstored.len(), bars.take_dropped_count()), (MAX_UNSTORED, 10));
        let dirty = bars.take_dirty();
        assert_eq!(dirty[0].bar.start, "2026-11-20T00:10:00Z".parse::<DateTime<Utc>>().expect("a time"));
        bars.restore(&dirty);
        assert_eq!((bars.take_dirty().len(), bars.take_dropped_count()), (dirty.len(), 0));
    }
}
