//! From ticks to bars: of each symbol the minute and the day that it is in. No clock, no I/O: `recorder.rs` stores them.
//!
//! They are whole only together with the database, where a bar that is stored again is widened: after a restart a minute
//! goes on where it was.
//!
//! Deliberately absent: the session's figures as a source tells them. A bar is what was seen here.

use crate::db::bar::NewBar;
use crate::feed::provider::Tick;
use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::{Price, Symbol};

/// How many ended bars wait for a database that does not answer; beyond that the oldest are given up.
const MAX_UNSAVED: usize = 50_000;
/// Two totals further apart than this say nothing of the minute of the second: nobody looked in between.
const VOLUME_GAP: TimeDelta = TimeDelta::minutes(15);

/// A bar that grows.
struct Growing {
    bar: Bar,
    /// When its newest price was made.
    as_of: DateTime<Utc>,
    /// Whether it has what is not stored.
    is_dirty: bool,
}

impl Growing {
    fn new(start: DateTime<Utc>, price: Price, as_of: DateTime<Utc>) -> Self {
        Self { bar: Bar::of(start, price), as_of, is_dirty: true }
    }

    /// Takes a price of this bar's time. A late one widens the bar; only a newer one is its close.
    fn take(&mut self, price: Price, as_of: DateTime<Utc>) {
        let close = if as_of >= self.as_of { price } else { self.bar.close };
        let (high, low) = (self.bar.high.max(price), self.bar.low.min(price));
        self.as_of = self.as_of.max(as_of);
        self.set(Bar { high, low, close, ..self.bar });
    }

    fn set(&mut self, bar: Bar) {
        self.is_dirty |= bar != self.bar;
        self.bar = bar;
    }
}

/// One symbol's bars of one interval: the newest, and the one before it, which a late tick may still belong to.
#[derive(Default)]
struct Series {
    newest: Option<Growing>,
    before: Option<Growing>,
}

impl Series {
    /// Takes a price into the bar of this start. Gives a bar that was pushed out unstored; and the price's own bar, where
    /// the price is the newest of it.
    fn take(
        &mut self,
        start: DateTime<Utc>,
        price: Price,
        as_of: DateTime<Utc>,
    ) -> (Option<Bar>, Option<&mut Growing>) {
        if self.newest.as_ref().is_none_or(|newest| newest.bar.start < start) {
            let pushed = std::mem::replace(&mut self.before, self.newest.take());
            let unstored = pushed.filter(|growing| growing.is_dirty).map(|growing| growing.bar);
            return (unstored, Some(self.newest.insert(Growing::new(start, price, as_of))));
        }
        let growing = self.slots().find(|growing| growing.bar.start == start).and_then(|growing| {
            let is_late = as_of < growing.as_of;
            growing.take(price, as_of);
            (!is_late).then_some(growing)
        });
        (None, growing)
    }

    /// The bars, the older one first.
    fn slots(&mut self) -> impl Iterator<Item = &mut Growing> {
        self.before.iter_mut().chain(self.newest.iter_mut())
    }
}

/// What is known of one symbol.
#[derive(Default)]
struct Recorded {
    minute: Series,
    day: Series,
    /// The last total of shares traded: of which day, when, and how many.
    total: Option<(NaiveDate, DateTime<Utc>, u64)>,
}

impl Recorded {
    fn series(&mut self, interval: Interval) -> &mut Series {
        match interval {
            Interval::OneMinute => &mut self.minute,
            Interval::OneDay => &mut self.day,
        }
    }
}

/// The bars that grow, and those that are over and not stored yet. A symbol has four that grow at most, and the feed
/// believes no symbol that the catalogue does not have.
#[derive(Default)]
pub struct Bars {
    symbols: HashMap<Symbol, Recorded>,
    /// Bars that are over and not stored, by start first: the oldest are given up first.
    unsaved: BTreeMap<(DateTime<Utc>, Interval, Symbol), Bar>,
    given_up: u64,
}

impl Bars {
    /// Takes a tick into the bars it belongs to.
    pub fn record(&mut self, tick: &Tick) {
        let Tick { symbol, price, as_of, .. } = *tick;
        let Ok(minute) = as_of.duration_trunc(TimeDelta::minutes(1)) else { return };
        let recorded = self.symbols.entry(symbol).or_default();
        let (pushed, growing) = recorded.minute.take(minute, price, as_of);
        let mut unsaved = [(Interval::OneMinute, pushed), (Interval::OneDay, None)];
        // A late tick's total was overtaken already.
        if let (Some(growing), Some(total)) = (growing, tick.volume) {
            let known = recorded.total.filter(|(day, at, _)| *day == tick.day && as_of - *at <= VOLUME_GAP);
            if let Some((_, _, known)) = known {
                // A total that has shrunk began anew.
                let volume = growing.bar.volume.unwrap_or(0).saturating_add(total.saturating_sub(known));
                growing.set(Bar { volume: Some(volume), ..growing.bar });
            }
            recorded.total = Some((tick.day, as_of, total));
        }
        if !tick.is_extended {
            let (pushed, growing) = recorded.day.take(tick.day.and_time(NaiveTime::MIN).and_utc(), price, as_of);
            unsaved[1].1 = pushed;
            if let Some(growing) = growing {
                growing.set(Bar { volume: tick.volume.or(growing.bar.volume), ..growing.bar });
            }
        }
        for (interval, pushed) in unsaved {
            if let Some(bar) = pushed {
                self.keep_unsaved(NewBar { symbol, interval, bar });
            }
        }
    }

    /// What changed since the last time, for whoever stores it.
    pub fn take_dirty(&mut self) -> Vec<NewBar> {
        let unsaved = std::mem::take(&mut self.unsaved).into_iter();
        let mut dirty: Vec<NewBar> =
            unsaved.map(|((_, interval, symbol), bar)| NewBar { symbol, interval, bar }).collect();
        for (symbol, recorded) in &mut self.symbols {
            for interval in [Interval::OneMinute, Interval::OneDay] {
                let changed = recorded.series(interval).slots().filter(|growing| growing.is_dirty);
                dirty.extend(changed.map(|growing| {
                    growing.is_dirty = false;
                    NewBar { symbol: *symbol, interval, bar: growing.bar }
                }));
            }
        }
        dirty
    }

    /// Takes back what could not be stored, to be taken again.
    pub fn put_back(&mut self, bars: &[NewBar]) {
        for new in bars {
            let series = self.symbols.get_mut(&new.symbol).map(|recorded| recorded.series(new.interval));
            let growing = series.and_then(|series| series.slots().find(|growing| growing.bar.start == new.bar.start));
            match growing {
                // It is what was taken and what it has grown by since.
                Some(growing) => growing.is_dirty = true,
                None => self.keep_unsaved(*new),
            }
        }
    }

    /// How many bars were given up since the last question, because too many were waiting.
    pub fn take_given_up(&mut self) -> u64 {
        std::mem::take(&mut self.given_up)
    }

    fn keep_unsaved(&mut self, new: NewBar) {
        let kept = self.unsaved.entry((new.bar.start, new.interval, new.symbol));
        kept.and_modify(|bar| *bar = bar.widened_by(new.bar)).or_insert(new.bar);
        if self.unsaved.len() > MAX_UNSAVED {
            self.unsaved.pop_first();
            self.given_up += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watchtape_shared::quote::Mode;

    type Stored = BTreeMap<(Interval, DateTime<Utc>), Bar>;

    /// What the database does.
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
        /// Whenever bars are stored, whether that succeeds or not, and wherever the server starts anew in between: what is
        /// stored in the end is what the ticks give when they are looked at all together. Of a minute's volume a restart
        /// loses what was traded while nobody counted, and never makes more of it.
        #[test]
        fn what_is_stored_is_what_the_ticks_say(steps in steps()) {
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
                        bars.put_back(&dirty);
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

        /// Ticks in any order: nothing panics, a bar holds its open and close, and few are kept.
        #[test]
        fn disorder_leaves_bars_whole(ticks in prop::collection::vec((1..1_000i64, 0..600i64, 0..9u64), 1..80)) {
            let mut bars = Bars::default();
            for (price, second, volume) in ticks {
                let mut late = tick(price, "2026-11-20T14:30:00Z", Some(volume));
                late.as_of += TimeDelta::seconds(second);
                bars.record(&late);
                prop_assert!(bars.unsaved.len() <= 10);
            }
            for new in bars.take_dirty() {
                let (open, high, low, close) = micros(&new.bar);
                prop_assert!((low..=high).contains(&open) && (low..=high).contains(&close));
            }
        }
    }

    #[test]
    fn a_late_tick_widens_its_own_minute_or_the_one_before_and_no_older_one() {
        let mut bars = Bars::default();
        for (price, as_of) in [
            (50, "2026-11-20T14:30:10Z"),
            (60, "2026-11-20T14:31:10Z"),
            (70, "2026-11-20T14:32:10Z"),
            // The minute that is open, the one before, one that is past, and one that never was.
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
    fn a_total_that_begins_anew_takes_nothing_away() {
        let mut bars = Bars::default();
        for (second, total) in [(10, 500), (20, 540), (30, 20), (40, 25)] {
            bars.record(&tick(50, &format!("2026-11-20T14:30:{second}Z"), Some(total)));
        }
        let volumes: Vec<_> = bars.take_dirty().iter().map(|new| (new.interval, new.bar.volume)).collect();
        assert_eq!(volumes, [(Interval::OneMinute, Some(45)), (Interval::OneDay, Some(25))]);
    }

    #[test]
    fn a_database_that_is_gone_for_long_costs_the_oldest_bars() {
        let mut bars = Bars::default();
        let mut late = tick(50, "2026-11-20T00:00:00Z", None);
        for _ in 0..MAX_UNSAVED + 12 {
            bars.record(&late);
            late.as_of += TimeDelta::minutes(1);
        }
        assert_eq!((bars.unsaved.len(), bars.take_given_up()), (MAX_UNSAVED, 10));
        let dirty = bars.take_dirty();
        assert_eq!(dirty[0].bar.start, "2026-11-20T00:10:00Z".parse::<DateTime<Utc>>().expect("a time"));
        bars.put_back(&dirty);
        assert_eq!((bars.take_dirty().len(), bars.take_given_up()), (dirty.len(), 0));
    }
}
