//! When an alert would have triggered: the stored bars, as the prices that they may have been, go through the evaluator.
//!
//! A bar does not say in which order its prices were: its open comes first, then whichever of its low and its high is nearer to the
//! open, then the other, then its close.

use super::daily_extremes::extremes_before;
use super::evaluator::{Evaluator, Trigger, Value};
use crate::clock;
use crate::db::Result;
use crate::db::alert::phase;
use crate::db::alert_watch::WatchedAlert;
use crate::db::bar::Provenance;
use crate::history::{BarQuery, History};
use crate::ids;
use crate::market::calendar::Calendar;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::sync::Arc;
use watchtape_shared::alert::{
    AlertSession, Condition, DEFAULT_REARM, Frequency, Preview, PreviewPart, PreviewTrigger, Resolution,
};
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::market::TradingStatus;
use watchtape_shared::stream::Source;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, UserId};

/// The most bars of a minute: more than those of a month that trades at all hours.
const MAX_MINUTES: u32 = 50_000;
/// The triggers that are named.
const MAX_TRIGGERS: usize = 100;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PreviewQuery {
    /// What is watched for.
    pub condition: Condition,
    /// Which prices count.
    pub session: AlertSession,
    /// How many days back.
    pub days: u16,
}

/// When the condition would have triggered, at most once a trading day, over the stored bars of a security; for this account.
pub async fn preview(
    history: &History,
    calendar: &Arc<Calendar>,
    account: &UserId,
    ticker: &Arc<Ticker>,
    query: PreviewQuery,
) -> Result<Preview> {
    let now = clock::now();
    let start = now - TimeDelta::days(query.days.into());
    let minutes = BarQuery { interval: Interval::OneMinute, span: start..now, limit: MAX_MINUTES };
    let minutes = history.bars(account, ticker, minutes).await?.items;
    // Days before the first are needed too: one for its previous close, and those whose extremes are asked for.
    let before = match query.condition {
        Condition::NewHigh { days } | Condition::NewLow { days } => days,
        _ => 1,
    };
    let limit = u32::from(query.days) + u32::from(before);
    let days = BarQuery { interval: Interval::OneDay, span: DateTime::UNIX_EPOCH..now, limit };
    let days = history.bars(account, ticker, days).await?.items;
    let past =
        Past { calendar: calendar.clone(), ticker: ticker.clone(), source: history.source(), start, minutes, days };
    history.compute(account, move || past.replay(query)).await
}

/// The stored past of a security.
struct Past {
    calendar: Arc<Calendar>,
    ticker: Arc<Ticker>,
    source: Source,
    start: DateTime<Utc>,
    minutes: Vec<Bar>,
    days: Vec<Bar>,
}

impl Past {
    fn replay(&self, query: PreviewQuery) -> Preview {
        let values = self.values(query.condition);
        let mut evaluator = Evaluator::new(self.source.clone(), self.start, None);
        let (mut preview, mut met) =
            (Preview { count: 0, triggers: Vec::new(), parts: self.parts(query.condition) }, Vec::new());
        let alert = self.alert(query);
        evaluator.insert(&alert, &mut met);
        for (value, resolution) in values {
            evaluator.apply(&value, &mut met);
            for wanted in evaluator.take_wanted_extremes() {
                let extremes = extremes_before(&self.days, wanted.day, wanted.days).ok();
                evaluator.set_extremes(wanted, extremes, &mut met);
            }
            for Trigger { symbol, key, arming, price, as_of, .. } in met.drain(..) {
                evaluator.settle(symbol, key, arming, alert.version);
                let Some(price) = price else { continue };
                let start_of_bar = match resolution {
                    Resolution::Minute => TimeDelta::minutes(1),
                    Resolution::Day => TimeDelta::days(1),
                };
                let at = chrono::DurationRound::duration_trunc(as_of, start_of_bar).unwrap_or(as_of);
                preview.triggers.push(PreviewTrigger { at, price, resolution });
                preview.count += 1;
            }
        }
        let passed_over = preview.triggers.len().saturating_sub(MAX_TRIGGERS);
        preview.triggers.drain(..passed_over);
        preview
    }

    fn alert(&self, query: PreviewQuery) -> WatchedAlert {
        WatchedAlert {
            id: ids::alert(),
            symbol: self.ticker.symbol,
            condition: query.condition,
            frequency: Frequency::OncePerSession,
            cooldown_s: 0,
            rearm: DEFAULT_REARM,
            session: query.session,
            expires_at: None,
            version: 1,
            arming: 1,
            phase: phase::FRESH,
            armed_at: self.start,
            last_trigger_day: None,
            last_trigger_as_of: None,
        }
    }

    /// The days before the first minute, as far as they are asked for. A window of minutes is not seen in days.
    fn days_alone(&self, condition: Condition) -> impl Iterator<Item = &Bar> {
        let is_seen = !matches!(condition, Condition::MovesPercent { .. });
        let first_minute = self.minutes.first().map(|bar| self.trading_day(bar.start));
        let first_day = self.start.date_naive();
        self.days.iter().filter(move |bar| {
            let day = bar.start.date_naive();
            is_seen && day >= first_day && first_minute.is_none_or(|first| day < first)
        })
    }

    fn parts(&self, condition: Condition) -> Vec<PreviewPart> {
        let days: Vec<&Bar> = self.days_alone(condition).collect();
        let part = |first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>, length, resolution| {
            Some(PreviewPart { from: first?, to: last? + length, resolution })
        };
        let days = part(
            days.first().map(|bar| bar.start),
            days.last().map(|bar| bar.start),
            TimeDelta::days(1),
            Resolution::Day,
        );
        let minutes = part(
            self.minutes.first().map(|bar| bar.start),
            self.minutes.last().map(|bar| bar.start),
            TimeDelta::minutes(1),
            Resolution::Minute,
        );
        days.into_iter().chain(minutes).collect()
    }

    /// The prices of the past in their order, each with how exactly it is known.
    fn values(&self, condition: Condition) -> Vec<(Value, Resolution)> {
        let mut values = Vec::new();
        for bar in self.days_alone(condition) {
            let day = bar.start.date_naive();
            let close = self.close_before(day);
            values
                .extend(self.of_bar(bar, day, close, false, TimeDelta::hours(1)).map(|value| (value, Resolution::Day)));
        }
        let mut known: Option<(NaiveDate, Option<Price>)> = None;
        for bar in &self.minutes {
            let day = self.trading_day(bar.start);
            let (_, close) = match known {
                Some(known) if known.0 == day => known,
                _ => *known.insert((day, self.close_before(day))),
            };
            let is_extended = self.is_extended(bar.start);
            let of_bar = self.of_bar(bar, day, close, is_extended, TimeDelta::seconds(15));
            values.extend(of_bar.map(|value| (value, Resolution::Minute)));
        }
        values
    }

    fn of_bar(
        &self,
        bar: &Bar,
        day: NaiveDate,
        previous_close: Option<Price>,
        is_extended: bool,
        step: TimeDelta,
    ) -> [Value; 4] {
        let to_low = bar.open.micros() - bar.low.micros();
        let to_high = bar.high.micros() - bar.open.micros();
        let (first, second) = if to_low < to_high { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut at = bar.start;
        [bar.open, first, second, bar.close].map(|price| {
            let as_of = at;
            at += step;
            Value {
                symbol: self.ticker.symbol,
                price,
                previous_close,
                as_of,
                seen_at: as_of,
                day,
                is_extended,
                is_known: false,
                mode: self.source.mode,
                source: self.source.source.clone().into(),
            }
        })
    }

    fn close_before(&self, day: NaiveDate) -> Option<Price> {
        let before = self.days.partition_point(|bar| bar.start.date_naive() < day);
        self.days[..before].last().map(|bar| bar.close)
    }

    /// The simulated market never closes: its day is that of UTC.
    fn is_simulated(&self) -> bool {
        Provenance::from(self.source.mode) == Provenance::Simulated
    }

    fn trading_day(&self, at: DateTime<Utc>) -> NaiveDate {
        if self.is_simulated() { at.date_naive() } else { self.calendar.trading_day(self.ticker.mic.as_deref(), at) }
    }

    fn is_extended(&self, at: DateTime<Utc>) -> bool {
        !self.is_simulated() && self.calendar.phase_at(self.ticker.mic.as_deref(), at) != TradingStatus::Open
    }
}
