//! The bars of one security's chart, and the newest bar as the price moves.
//!
//! Deliberately absent: recording the bars that form while the page is open. The server does that; they are requested
//! again after a reconnect and when another range is chosen.

pub(crate) mod bars;
mod newest_bar;
pub(crate) mod time_range;
mod utc_offset;

use super::quotes::Cell;
use crate::api::Failure;
use crate::state::{State, local_storage};
use crate::view::reactive::memo;
use chrono::DateTime;
use leptos::prelude::*;
use leptos::task::spawn_local;
use time_range::TimeRange;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Bar, Symbol};

const DAY_MS: i64 = 86_400_000;
const HALF_HOUR_S: i64 = 1800;
const RANGE_KEY: &str = "watchtape.reach";
const KIND_KEY: &str = "watchtape.chart";
const LINE: &str = "line";
const CANDLES: &str = "candles";

/// Bars, and the range that they were requested for.
struct LoadedBars {
    range: TimeRange,
    bars: Vec<Bar>,
}

/// The chart data of the security whose page is open.
#[derive(Clone, Copy)]
pub(crate) struct ChartData {
    state: State,
    symbol: Symbol,
    /// How far the clocks that its days begin by are ahead of UTC, in seconds.
    offset_s: Memo<i64>,
    zone: Memo<Option<String>>,
    range: RwSignal<TimeRange>,
    is_line: RwSignal<bool>,
    shown: RwSignal<Option<LoadedBars>>,
    failure: RwSignal<Option<Failure>>,
    bars: Memo<Vec<Bar>>,
    newest: RwSignal<Option<Bar>>,
    year: RwSignal<Vec<Bar>>,
    asked: StoredValue<u32>,
}

impl ChartData {
    /// Opens the chart of a security and requests its bars.
    pub(crate) fn open(state: State, symbol: Symbol, mic: Option<String>, cell: ArcRwSignal<Cell>) -> Self {
        let zone = memo(move |_| {
            let mic = mic.as_ref()?;
            let zone = |exchange: &watchtape_shared::market::Exchange| exchange.timezone.clone();
            state.market.with(|market| market.as_ref()?.exchanges.iter().find(|one| one.mic == *mic).map(zone))
        });
        let offset_s = memo({
            let cell = cell.clone();
            move |_| {
                let of_quote = cell.with(|cell| cell.quote.as_ref().map(|quote| quote.mode));
                let of_feed = || state.market.with(|market| market.as_ref().map(|market| market.feed.mode));
                let of_exchange = || zone.with(|zone| utc_offset::offset_s(zone.as_deref(), &state.clock.today()));
                day_offset_s(of_quote.or_else(of_feed), of_exchange)
            }
        });
        let remembered = local_storage::read(RANGE_KEY);
        let range = TimeRange::ALL.into_iter().find(|range| remembered.as_deref() == Some(range.name()));
        let shown = RwSignal::new(None::<LoadedBars>);
        let bars = memo(move |_| {
            let offset_s = offset_s.get();
            shown.with(|shown| match shown {
                None => Vec::new(),
                Some(LoadedBars { range: TimeRange::Day, bars }) => bars::last_session(bars, offset_s).to_vec(),
                Some(LoadedBars { bars, .. }) => bars.clone(),
            })
        });
        let chart_data = Self {
            state,
            symbol,
            offset_s,
            zone,
            range: RwSignal::new(range.unwrap_or(TimeRange::Day)),
            is_line: RwSignal::new(local_storage::read(KIND_KEY).as_deref() == Some(LINE)),
            shown,
            failure: RwSignal::new(None),
            bars,
            newest: RwSignal::new(None),
            year: RwSignal::default(),
            asked: StoredValue::new(0),
        };
        chart_data.follow(cell);
        chart_data.load();
        chart_data.load_year();
        chart_data
    }

    /// The chosen range.
    pub(crate) fn range(self) -> TimeRange {
        self.range.get()
    }

    /// The range of the loaded bars; `None` while the first are loading.
    pub(crate) fn shown(self) -> Option<TimeRange> {
        self.shown.with(|shown| shown.as_ref().map(|shown| shown.range))
    }

    pub(crate) fn bars(self) -> Memo<Vec<Bar>> {
        self.bars
    }

    /// The newest bar, extended by the prices since.
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

    pub(crate) fn set_line(self, is_line: bool) {
        local_storage::write(KIND_KEY, if is_line { LINE } else { CANDLES });
        self.is_line.set(is_line);
    }

    pub(crate) fn choose(self, range: TimeRange) {
        local_storage::write(RANGE_KEY, range.name());
        self.range.set(range);
        self.load();
    }

    /// Loads the bars of the chosen range; those on screen stay until then.
    pub(crate) fn load(self) {
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        let range = self.range.get_untracked();
        spawn_local(async move {
            let answer = self.read(range).await;
            if self.asked.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(bars) => {
                    self.failure.set(None);
                    self.shown.set(Some(LoadedBars { range, bars }));
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    fn load_year(self) {
        spawn_local(async move {
            if let Ok(days) = self.read(TimeRange::Year).await {
                // Whoever has left the page meanwhile needs none.
                self.year.try_set(days);
            }
        });
    }

    async fn read(self, range: TimeRange) -> Result<Vec<Bar>, Failure> {
        let (interval, days, pages) = range.query();
        let now_ms = untrack(|| self.state.clock.age_ms(DateTime::UNIX_EPOCH));
        let since_ms = now_ms.saturating_sub(days.saturating_mul(DAY_MS)).max(0);
        let bars = self.state.api.list_bars(self.symbol, interval, since_ms, pages).await?;
        Ok(if range == TimeRange::Week { bars::aggregated(&bars, HALF_HOUR_S) } else { bars })
    }
}

/// How far the clocks that days begin by are ahead of UTC: an exchange's are its own. The simulated market never closes, and its
/// days are those of UTC, whichever exchange a security is of.
fn day_offset_s(mode: Option<Mode>, of_exchange: impl FnOnce() -> i64) -> i64 {
    if mode == Some(Mode::Simulated) { 0 } else { of_exchange() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_simulated_day_is_utcs_and_every_other_is_the_exchanges() {
        assert_eq!(day_offset_s(Some(Mode::Simulated), || -5 * 3600), 0);
        for mode in [Some(Mode::Live), Some(Mode::Delayed), Some(Mode::Replay), None] {
            assert_eq!(day_offset_s(mode, || -5 * 3600), -5 * 3600);
        }
    }
}
