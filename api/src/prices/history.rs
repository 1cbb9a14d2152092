//! What prices did: bars and sparklines, for whoever asks. It reads what the recorder stored.
//!
//! Deliberately absent: anything that a source says of the past.

use super::board::Board;
use super::calendar::Calendar;
use super::sparkline;
use crate::db::bar::{self, Origin};
use crate::db::{Db, Result};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::sparkline::Sparkline;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

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
    board: Arc<Board>,
    calendar: Arc<Calendar>,
}

impl History {
    /// The past of this board's prices.
    pub fn new(db: Db, board: Arc<Board>, calendar: Arc<Calendar>) -> Self {
        Self { db, board, calendar }
    }

    fn origin(&self) -> Origin {
        self.board.source.mode.into()
    }

    /// The bars of a security, the oldest first.
    pub async fn bars(&self, ticker: &Ticker, stretch: Stretch) -> Result<Vec<Bar>> {
        let (origin, symbol) = (self.origin(), ticker.symbol);
        let Stretch { interval, span, limit } = stretch;
        self.db
            .read(move |connection| {
                bar::range(connection, origin, symbol, interval, span.start, span.end, limit.into())
            })
            .await
    }

    /// The latest session of each security as a line, in the order asked for.
    pub async fn sparklines(&self, tickers: &[Arc<Ticker>]) -> Result<Vec<Sparkline>> {
        let now = Utc::now();
        let sessions: Vec<Range<DateTime<Utc>>> = tickers.iter().map(|ticker| self.session(ticker, now)).collect();
        // Those of one exchange have the same session, so that a few questions are enough.
        let mut alike: HashMap<(DateTime<Utc>, DateTime<Utc>), Vec<Symbol>> = HashMap::new();
        for (ticker, session) in tickers.iter().zip(&sessions) {
            alike.entry((session.start, session.end)).or_default().push(ticker.symbol);
        }
        let origin = self.origin();
        let read = move |connection: &mut _| {
            let mut closes: HashMap<Symbol, Vec<(DateTime<Utc>, Price)>> = HashMap::new();
            for ((from, to), symbols) in alike {
                closes.extend(bar::closes(connection, origin, &symbols, from, to)?);
            }
            Ok(closes)
        };
        let closes = self.db.read(read).await?;
        let line = |(ticker, session): (&Arc<Ticker>, _)| {
            let closes = closes.get(&ticker.symbol).map(Vec::as_slice).unwrap_or_default();
            sparkline::even(ticker.symbol, session, closes)
        };
        Ok(tickers.iter().zip(&sessions).map(line).collect())
    }

    /// The session of a security's last price, as far as it has come: the regular hours that the price was made in, or
    /// that ended before it. The simulated market never closes: its session is the day of UTC.
    fn session(&self, ticker: &Ticker, now: DateTime<Utc>) -> Range<DateTime<Utc>> {
        let as_of = self.board.quote(ticker).as_of.map_or(now, |as_of| as_of.min(now));
        let (start, end) = match self.origin() {
            Origin::Simulated => (as_of.date_naive().and_time(NaiveTime::MIN).and_utc(), DateTime::<Utc>::MAX_UTC),
            Origin::Real | Origin::Replay => self.calendar.last_session(ticker.mic.as_deref(), as_of),
        };
        // The minute that has begun is part of it, and so is that in which the closing auction's prices come.
        start..end.min(as_of) + TimeDelta::minutes(1)
    }
}
