//! What the price of one security did: the bars of its chart, and the newest of them as the price moves.
//!
//! Deliberately absent: the bars that the price makes while the page is open. They are the server's to record; what is
//! drawn of them here is asked for again when the way to the server is found again, or another reach is chosen.

pub(crate) mod bars;

use crate::api::Failure;
use crate::state::State;
use crate::state::local_storage;
use crate::state::prices::quotes::Cell;
use bars::Step;
use chrono::DateTime;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::bar::Interval;
use watchtape_shared::{Bar, Symbol};

const DAY_MS: i64 = 86_400_000;
const HALF_HOUR_S: i64 = 1800;
const REACH_KEY: &str = "watchtape.reach";
const KIND_KEY: &str = "watchtape.chart";
const LINE: &str = "line";
const CANDLES: &str = "candles";

/// How far back the chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Day,
    Week,
    Month,
    Year,
    All,
}

impl Reach {
    pub(crate) const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Year, Self::All];

    /// The name that it is remembered by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::All => "all",
        }
    }

    /// Whether its bars are parts of a day.
    pub(crate) fn is_intraday(self) -> bool {
        matches!(self, Self::Day | Self::Week)
    }

    /// Which bars to ask for, of how many days, in how many pages.
    fn wish(self) -> (Interval, i64, usize) {
        match self {
            // The last session may be before a long weekend.
            Self::Day => (Interval::OneMinute, 5, 1),
            Self::Week => (Interval::OneMinute, 7, 3),
            Self::Month => (Interval::OneDay, 31, 1),
            Self::Year => (Interval::OneDay, 366, 1),
            // Four pages are eighty years.
            Self::All => (Interval::OneDay, i64::MAX, 4),
        }
    }
}

/// Bars, and the reach that they were asked for.
struct Shown {
    reach: Reach,
    bars: Vec<Bar>,
}

/// The past of the security whose page is open.
#[derive(Clone, Copy)]
pub(crate) struct Past {
    state: State,
    symbol: Symbol,
    /// How far the clocks of its exchange are ahead of UTC, in seconds.
    ahead_s: Memo<i64>,
    zone: Memo<Option<String>>,
    reach: RwSignal<Reach>,
    is_line: RwSignal<bool>,
    shown: RwSignal<Option<Shown>>,
    failure: RwSignal<Option<Failure>>,
    bars: Memo<Vec<Bar>>,
    newest: RwSignal<Option<Bar>>,
    year: RwSignal<Vec<Bar>>,
    asked: StoredValue<u32>,
}

impl Past {
    /// The past of a security of an exchange; asked for at once.
    pub(crate) fn open(state: State, symbol: Symbol, mic: Option<String>, cell: ArcRwSignal<Cell>) -> Self {
        let zone = Memo::new(move |_| {
            let mic = mic.as_ref()?;
            let zone = |exchange: &watchtape_shared::market::Exchange| exchange.timezone.clone();
            state.market.with(|market| market.as_ref()?.exchanges.iter().find(|one| one.mic == *mic).map(zone))
        });
        let ahead_s = Memo::new(move |_| zone.with(|zone| ahead_s(zone.as_deref(), &state.clock.today())));
        let remembered = local_storage::read(REACH_KEY);
        let reach = Reach::ALL.into_iter().find(|reach| remembered.as_deref() == Some(reach.name()));
        let shown = RwSignal::new(None::<Shown>);
        let bars = Memo::new(move |_| {
            let ahead_s = ahead_s.get();
            shown.with(|shown| match shown {
                None => Vec::new(),
                Some(Shown { reach: Reach::Day, bars }) => bars::last_session(bars, ahead_s).to_vec(),
                Some(Shown { bars, .. }) => bars.clone(),
            })
        });
        let past = Self {
            state,
            symbol,
            ahead_s,
            zone,
            reach: RwSignal::new(reach.unwrap_or(Reach::Day)),
            is_line: RwSignal::new(local_storage::read(KIND_KEY).as_deref() == Some(LINE)),
            shown,
            failure: RwSignal::new(None),
            bars,
            newest: RwSignal::new(None),
            year: RwSignal::default(),
            asked: StoredValue::new(0),
        };
        past.follow(cell);
        past.load();
        past.load_year();
        past
    }

    /// The reach that was chosen.
    pub(crate) fn reach(self) -> Reach {
        self.reach.get()
    }

    /// The reach of the bars that are there; none while the first are on their way.
    pub(crate) fn shown(self) -> Option<Reach> {
        self.shown.with(|shown| shown.as_ref().map(|shown| shown.reach))
    }

    pub(crate) fn bars(self) -> Memo<Vec<Bar>> {
        self.bars
    }

    /// The newest bar with what the price did since.
    pub(crate) fn newest(self) -> Option<Bar> {
        self.newest.get()
    }

    /// The days of the last year.
    pub(crate) fn year(self) -> ReadSignal<Vec<Bar>> {
        self.year.read_only()
    }

    pub(crate) fn failure(self) -> Option<Failure> {
        self.failure.get()
    }

    /// The time zone of the exchange, where it is known.
    pub(crate) fn zone(self) -> Option<String> {
        self.zone.get()
    }

    /// Whether the chart is a line of closes; candles otherwise.
    pub(crate) fn is_line(self) -> bool {
        self.is_line.get()
    }

    pub(crate) fn draw_line(self, is_line: bool) {
        local_storage::write(KIND_KEY, if is_line { LINE } else { CANDLES });
        self.is_line.set(is_line);
    }

    pub(crate) fn choose(self, reach: Reach) {
        local_storage::write(REACH_KEY, reach.name());
        self.reach.set(reach);
        self.load();
    }

    /// Reads the bars of the chosen reach, keeping those on screen until the answer is there.
    pub(crate) fn load(self) {
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        let reach = self.reach.get_untracked();
        spawn_local(async move {
            let answer = self.read(reach).await;
            if self.asked.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(bars) => {
                    self.failure.set(None);
                    self.shown.set(Some(Shown { reach, bars }));
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    fn load_year(self) {
        spawn_local(async move {
            if let Ok(days) = self.read(Reach::Year).await {
                // Whoever has left the page meanwhile needs none.
                self.year.try_set(days);
            }
        });
    }

    async fn read(self, reach: Reach) -> Result<Vec<Bar>, Failure> {
        let (interval, days, pages) = reach.wish();
        let now_ms = untrack(|| self.state.clock.age_ms(DateTime::UNIX_EPOCH));
        let since_ms = now_ms.saturating_sub(days.saturating_mul(DAY_MS)).max(0);
        let bars = self.state.api.list_bars(self.symbol, interval, since_ms, pages).await?;
        Ok(if reach == Reach::Week { bars::gathered(&bars, HALF_HOUR_S) } else { bars })
    }

    /// Lets the price move the newest bar.
    fn follow(self, cell: ArcRwSignal<Cell>) {
        let drawn = StoredValue::new(None::<Reach>);
        crate::view::reactive::effect(move || {
            let Some(reach) = self.shown() else { return };
            let last = self.bars.with(|bars| bars.last().copied());
            let step = match reach {
                Reach::Day => Step::Seconds(60),
                Reach::Week => Step::Seconds(HALF_HOUR_S),
                _ => Step::Day { ahead_s: self.ahead_s.get() },
            };
            // What the price did since the bars were read is kept, unless bars of another kind were.
            let was = drawn.try_update_value(|drawn| drawn.replace(reach)).flatten();
            let before = self.newest.get_untracked().filter(|_| was == Some(reach));
            let held = match (before, last) {
                (Some(before), Some(last)) if before.start == last.start => Some(last.widened_by(before)),
                (Some(before), Some(last)) if before.start < last.start => Some(last),
                (before, last) => before.or(last),
            };
            let newest = cell.with(|cell| bars::grown(held, cell.quote.as_ref()?, step)).or(held);
            let before = self.newest.get_untracked();
            if before == newest {
                return;
            }
            self.newest.set(newest);
            if last.is_none() && before.is_some_and(|before| Some(before.start) != newest.map(|bar| bar.start)) {
                // Nothing was recorded until now, and the first bar has just ended.
                self.load();
            }
        });
    }
}

/// How far a time zone's clocks are ahead of UTC now, in seconds; those of this device without a zone.
fn ahead_s(zone: Option<&str>, now: &Date) -> i64 {
    let Some(zone) = zone else { return now.get_timezone_offset() as i64 * -60 };
    let options = Object::new();
    for (part, form) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &part.into(), &form.into());
    }
    let shown: String = now.to_locale_date_string("en-US", &options).into();
    // `11/22/2026, GMT-05:00`, and `GMT` alone where there is nothing to add.
    let offset = shown.rsplit("GMT").next().unwrap_or_default();
    let minutes = offset
        .get(1..)
        .and_then(|digits| digits.split_once(':'))
        .and_then(|(hours, minutes)| Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?));
    let sign = if offset.starts_with('-') { -60 } else { 60 };
    minutes.unwrap_or(0) * sign
}
