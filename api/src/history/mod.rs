//! What prices did: bars and sparklines, for whoever asks. It reads what the recorder stored; of a simulated market, which
//! has a past before anybody watched it, that past comes before the first bar that was stored.
//!
//! Deliberately absent: anything that a vendor says of the past. Of real prices no bar is made up.

pub mod bars;
pub mod recorder;
pub mod sparkline;

use crate::cluster::Node;
use crate::db::bar::{self, Close, Provenance};
use crate::db::{Db, Result};
use crate::feed::simulation::simulated_history::{Known, SimulatedHistory};
use crate::market::calendar::Calendar;
use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::sparkline::Sparkline;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote, Symbol};

/// A stretch of time and how much of it: `limit` bars that begin in `span`, the newest of them where there are more.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// How long a bar is.
    pub interval: Interval,
    /// When it begins, at the earliest, and before when.
    pub span: Range<DateTime<Utc>>,
    /// The most bars.
    pub limit: u32,
}

/// The past of the prices that the feed gives. Bars of another origin are no part of it.
pub struct History {
    db: Db,
    node: Arc<Node>,
    calendar: Arc<Calendar>,
    past: Option<Arc<SimulatedHistory>>,
}

/// The first bars of a symbol that were stored: when they begin, and their first prices.
struct First {
    minute: Option<(DateTime<Utc>, Price)>,
    day: Option<(NaiveDate, Price)>,
}

/// One symbol's line to be made.
struct Line {
    ticker: Arc<Ticker>,
    quote: Quote,
    session: Range<DateTime<Utc>>,
}

impl History {
    /// The past of this board's prices. `past` is what a simulated market did before it was recorded.
    pub fn new(db: Db, node: Arc<Node>, calendar: Arc<Calendar>, past: Option<SimulatedHistory>) -> Self {
        Self { db, node, calendar, past: past.map(Arc::new) }
    }

    fn origin(&self) -> Provenance {
        self.node.last_values.source.mode.into()
    }

    /// The bars of a security, the oldest first.
    pub async fn bars(&self, ticker: &Arc<Ticker>, stretch: Stretch) -> Result<Vec<Bar>> {
        let Stretch { interval, span, limit } = stretch;
        let (origin, ticker, past) = (self.origin(), ticker.clone(), self.past.clone());
        let quote = self.node.last_values.quote(&ticker);
        let read = move |connection: &mut _| {
            let symbol = ticker.symbol;
            let bars = bar::range(connection, origin, symbol, interval, span.start, span.end, limit.into())?;
            let room = (limit as usize).saturating_sub(bars.len());
            let Some(past) = past.filter(|_| room > 0) else { return Ok(bars) };
            let minute = bar::first(connection, origin, symbol, Interval::OneMinute)?;
            let day = bar::first(connection, origin, symbol, Interval::OneDay)?;
            let first = First {
                minute: minute.map(|bar| (bar.start, bar.open)),
                day: day.map(|bar| (bar.start.date_naive(), bar.open)),
            };
            let Some((known, today)) = known(&quote, &first) else { return Ok(bars) };
            let mut whole = match interval {
                Interval::OneMinute => past.minutes(&ticker, &known, today, &span, room),
                Interval::OneDay => past.days(&ticker, &known, &span, room),
            };
            whole.extend(bars);
            Ok(whole)
        };
        self.db.read(read).await
    }

    /// The latest session of each security as a line, in the order asked for.
    pub async fn sparklines(&self, tickers: Vec<Arc<Ticker>>) -> Result<Vec<Sparkline>> {
        let now = Utc::now();
        let line = |ticker: Arc<Ticker>| {
            let quote = self.node.last_values.quote(&ticker);
            Line { session: self.session(&ticker, &quote, now), ticker, quote }
        };
        let lines: Vec<Line> = tickers.into_iter().map(line).collect();
        let (origin, past) = (self.origin(), self.past.clone());
        let read = move |connection: &mut _| {
            // Those of one exchange have the same session, so that a few questions are enough.
            let mut alike: HashMap<&Range<DateTime<Utc>>, Vec<Symbol>> = HashMap::new();
            for line in &lines {
                alike.entry(&line.session).or_default().push(line.ticker.symbol);
            }
            let (mut closes, mut first_days) = (HashMap::new(), HashMap::new());
            for (session, symbols) in alike {
                closes.extend(bar::closes(connection, origin, &symbols, session.start, session.end)?);
                if past.is_some() {
                    first_days.extend(bar::first_days(connection, origin, &symbols)?);
                }
            }
            let even = |line: &Line| {
                let symbol = line.ticker.symbol;
                let stored = closes.get(&symbol).map(Vec::as_slice).unwrap_or_default();
                let first_day = first_days.get(&symbol).copied();
                let mut course = past.as_ref().map(|past| line.before(past, first_day, stored)).unwrap_or_default();
                course.extend_from_slice(stored);
                sparkline::even(symbol, &line.session, &course)
            };
            Ok(lines.iter().map(even).collect())
        };
        self.db.read(read).await
    }

    /// The session of a security's last price, as far as it has come: the regular hours that the price was made in, or
    /// that ended before it. The simulated market never closes: its session is the day of UTC.
    fn session(&self, ticker: &Ticker, quote: &Quote, now: DateTime<Utc>) -> Range<DateTime<Utc>> {
        let as_of = quote.as_of.map_or(now, |as_of| as_of.min(now));
        let (start, end) = match self.origin() {
            Provenance::Simulated => (as_of.date_naive().and_time(NaiveTime::MIN).and_utc(), as_of),
            Provenance::Real | Provenance::Replay => self.calendar.last_session(ticker.mic.as_deref(), as_of),
        };
        // The minute that has begun is part of it, and so is that in which the closing auction's prices come.
        start..end.min(as_of) + TimeDelta::minutes(1)
    }
}

impl Line {
    /// The closes of the session's minutes before the first that was stored, of a symbol that was not recorded before.
    fn before(&self, past: &SimulatedHistory, first_day: Option<NaiveDate>, stored: &[Close]) -> Vec<Close> {
        let minute = stored.first().map(|close| (close.start, close.price));
        let day = first_day.zip(minute.map(|(_, price)| price));
        let Some((known, today)) = known(&self.quote, &First { minute, day }) else { return Vec::new() };
        if first_day.is_some_and(|first| first < today) {
            return Vec::new();
        }
        let minutes = past.minutes(&self.ticker, &known, today, &self.session, usize::MAX);
        minutes.into_iter().map(|bar| Close { start: bar.start, price: bar.close }).collect()
    }
}

/// Where the simulated past of a security ends, and the trading day of its last price; none where it has no price yet.
fn known(quote: &Quote, first: &First) -> Option<(Known, NaiveDate)> {
    let (as_of, price) = (quote.as_of?, quote.price?);
    let today = as_of.date_naive();
    let (day, open) = first.day.unwrap_or((today, price));
    if day != today {
        // What the last close before that day was, nobody knows any more.
        return Some((Known { day, previous_close: Some(open), session: None, first: first.minute }, today));
    }
    // Up to the minute in which the first price is being recorded.
    let minute = first.minute.or_else(|| Some((as_of.duration_trunc(TimeDelta::minutes(1)).ok()?, price)));
    let session = quote.open.zip(quote.low).zip(quote.high).map(|((open, low), high)| (open, low, high));
    Some((Known { day, previous_close: quote.previous_close, session, first: minute }, today))
}
