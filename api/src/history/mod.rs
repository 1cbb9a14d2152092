//! Price history: bars and sparklines from the recorded bars. For a simulated market generated bars precede the first
//! recorded one.
//!
//! Deliberately absent: vendors' historical data. For real prices only recorded bars exist.

mod bar_series;
pub mod bars;
pub mod recorder;
pub mod sparkline;
pub mod splits;
mod turns;

use crate::clock;
use crate::cluster::Node;
use crate::db::bar::{self, Close, Provenance};
use crate::db::{Db, DbConnection, Error, Result, split};
use crate::feed::simulation::simulated_history::{HistoryEnd, SimulatedHistory};
use crate::market::calendar::Calendar;
use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use turns::Turns;
use watchtape_shared::bar::{Bar, BarPage, Interval};
use watchtape_shared::sparkline::Sparkline;
use watchtape_shared::split::Split;
use watchtape_shared::stream::Source;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote, Symbol, UserId};

/// A query of bars: the newest `limit` of those that start in `span`.
#[derive(Clone, Debug)]
pub struct BarQuery {
    /// The length of a bar.
    pub interval: Interval,
    /// The earliest start, and the exclusive latest.
    pub span: Range<DateTime<Utc>>,
    /// The most bars.
    pub limit: u32,
}

/// The history of the feed's prices. Bars of another provenance (simulated, replayed, real) are excluded.
pub struct History {
    db: Db,
    node: Arc<Node>,
    calendar: Arc<Calendar>,
    simulated: Option<Arc<SimulatedHistory>>,
    turns: Turns,
}

/// The first recorded bars of a symbol: their start and open.
struct FirstBars {
    minute: Option<(DateTime<Utc>, Price)>,
    day: Option<(NaiveDate, Price)>,
}

/// The input of one symbol's sparkline.
struct SparklineInput {
    ticker: Arc<Ticker>,
    quote: Quote,
    session: Range<DateTime<Utc>>,
}

impl History {
    /// The history of this node's source. `simulated` generates bars before the recorded ones.
    pub fn new(db: Db, node: Arc<Node>, calendar: Arc<Calendar>, simulated: Option<SimulatedHistory>) -> Self {
        let turns = Turns::new(std::thread::available_parallelism().map_or(1, usize::from));
        Self { db, node, calendar, simulated: simulated.map(Arc::new), turns }
    }

    /// The trading day of a security's last price; without one, that of its exchange now.
    pub fn trading_day(&self, ticker: &Ticker) -> NaiveDate {
        let known = self.node.last_values.cache.read().updates.get(&ticker.symbol).map(|update| update.entry.day);
        known.unwrap_or_else(|| self.calendar.trading_day(ticker.mic.as_deref(), clock::now()))
    }

    /// Where the prices come from.
    pub fn source(&self) -> Source {
        self.node.last_values.source.clone()
    }

    fn provenance(&self) -> Provenance {
        self.node.last_values.source.mode.into()
    }

    /// The bars of a security, ascending, for this account.
    pub async fn bars(&self, account: &UserId, ticker: &Arc<Ticker>, query: BarQuery) -> Result<BarPage> {
        let (ticker, simulated) = (ticker.clone(), self.simulated.clone());
        let quote = self.node.last_values.quote(&ticker);
        let (bars, first, adjusted) = self.db.of(account).read(self.stored_bars(&ticker, &query)).await?;
        let BarQuery { interval, span, limit } = query;
        let page = |items| BarPage { items, next_cursor: None, adjusted };
        let missing = (limit as usize).saturating_sub(bars.len());
        let Some(simulated) = simulated.filter(|_| missing > 0) else { return Ok(page(bars)) };
        let Some((history_end, today)) = history_end(&quote, &first) else { return Ok(page(bars)) };
        let compute = move || {
            let mut bars_with_simulated = match interval {
                Interval::OneMinute => simulated.minutes(&ticker, &history_end, today, &span, missing),
                Interval::OneDay => simulated.days(&ticker, &history_end, &span, missing),
            };
            bars_with_simulated.extend(bars);
            bars_with_simulated
        };
        Ok(page(self.compute(account, compute).await?))
    }

    /// The newest `count` daily bars of a security from before a day, ascending; fewer where there are no more. For the server's
    /// own work: no account waits for it.
    pub async fn days_before(&self, ticker: &Arc<Ticker>, day: NaiveDate, count: u16) -> Result<Vec<Bar>> {
        let span = DateTime::UNIX_EPOCH..day.and_time(NaiveTime::MIN).and_utc();
        let query = BarQuery { interval: Interval::OneDay, span: span.clone(), limit: count.into() };
        let (bars, first, _) = self.db.read(self.stored_bars(ticker, &query)).await?;
        let missing = usize::from(count).saturating_sub(bars.len());
        let (Some(simulated), Some((history_end, _))) =
            (self.simulated.clone().filter(|_| missing > 0), history_end(&self.node.last_values.quote(ticker), &first))
        else {
            return Ok(bars);
        };
        let ticker = ticker.clone();
        let computed = tokio::task::spawn_blocking(move || simulated.days(&ticker, &history_end, &span, missing));
        let mut all = computed.await.map_err(|error| Error::Corrupt(error.to_string()))?;
        all.extend(bars);
        Ok(all)
    }

    /// Reads the recorded bars of a query, adjusted for the splits, which are returned too; of a simulated market the first recorded
    /// ones where there are fewer than the limit.
    fn stored_bars(
        &self,
        ticker: &Ticker,
        query: &BarQuery,
    ) -> impl FnOnce(&mut DbConnection) -> Result<(Vec<Bar>, FirstBars, Vec<Split>)> + Send + use<> {
        let BarQuery { interval, span, limit } = query.clone();
        let (provenance, symbol, mic) = (self.provenance(), ticker.symbol, ticker.mic.clone());
        let (calendar, is_simulated) = (self.calendar.clone(), self.simulated.is_some());
        move |connection| {
            let mut bars = bar::range(connection, provenance, symbol, interval, span.start, span.end, limit.into())?;
            let splits = splits_of(connection, provenance, &[symbol])?.remove(&symbol).unwrap_or_default();
            splits::adjust_bars(&mut bars, interval, &splits, &calendar, mic.as_deref());
            if !is_simulated || bars.len() >= limit as usize {
                return Ok((bars, FirstBars { minute: None, day: None }, splits));
            }
            let minute = bar::first(connection, provenance, symbol, Interval::OneMinute)?;
            let day = bar::first(connection, provenance, symbol, Interval::OneDay)?;
            let first = FirstBars {
                minute: minute.map(|bar| (bar.start, bar.open)),
                day: day.map(|bar| (bar.start.date_naive(), bar.open)),
            };
            Ok((bars, first, splits))
        }
    }

    /// Runs a computation on a thread of its own, and holds no database connection meanwhile; one of an account at a time, and
    /// as many of all as there are cores.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        account: &UserId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = self.turns.take(account).await?;
        let computed = tokio::task::spawn_blocking(move || {
            // With the work, which goes on when its client leaves.
            let _turn = turn;
            work()
        });
        computed.await.map_err(|error| Error::Corrupt(error.to_string()))
    }

    /// The sparkline of each security's last trading session, in this order, for this account.
    pub async fn sparklines(&self, account: &UserId, tickers: Vec<Arc<Ticker>>) -> Result<Vec<Sparkline>> {
        let now = clock::now();
        let input = |ticker: Arc<Ticker>| {
            let quote = self.node.last_values.quote(&ticker);
            SparklineInput { session: self.session(&ticker, &quote, now), ticker, quote }
        };
        let inputs: Vec<SparklineInput> = tickers.into_iter().map(input).collect();
        let (provenance, simulated) = (self.provenance(), self.simulated.clone());
        // Securities of an exchange mostly share a session: one query for each.
        let mut by_session: HashMap<Range<DateTime<Utc>>, Vec<Symbol>> = HashMap::new();
        for input in &inputs {
            by_session.entry(input.session.clone()).or_default().push(input.ticker.symbol);
        }
        let is_simulated = simulated.is_some();
        let read = move |connection: &mut _| {
            let (mut closes, mut first_days, mut splits) = (HashMap::new(), HashMap::new(), HashMap::new());
            for (session, symbols) in by_session {
                let ends = sparkline::step_ends(&session);
                closes.extend(bar::step_closes(connection, provenance, &symbols, &session, &ends)?);
                splits.extend(splits_of(connection, provenance, &symbols)?);
                if is_simulated {
                    first_days.extend(bar::first_days(connection, provenance, &symbols)?);
                }
            }
            Ok((closes, first_days, splits))
        };
        let (mut closes, first_days, splits) = self.db.of(account).snapshot(read).await?;
        for input in inputs.iter().filter(|input| splits.contains_key(&input.ticker.symbol)) {
            let (symbol, mic) = (input.ticker.symbol, input.ticker.mic.as_deref());
            if let Some(closes) = closes.get_mut(&symbol) {
                splits::adjust_closes(closes, &splits[&symbol], &self.calendar, mic);
            }
        }
        let compute = move || {
            let resample = |input: &SparklineInput| {
                let symbol = input.ticker.symbol;
                let stored = closes.get(&symbol).map(Vec::as_slice).unwrap_or_default();
                let first_day = first_days.get(&symbol).copied();
                let mut points = simulated
                    .as_ref()
                    .map(|simulated| input.simulated_closes(simulated, first_day, stored))
                    .unwrap_or_default();
                points.extend_from_slice(stored);
                sparkline::resample(symbol, &input.session, &points)
            };
            inputs.iter().map(resample).collect()
        };
        self.compute(account, compute).await
    }

    /// The trading session of a security's last price, up to that price: the regular hours that contain it or ended
    /// before it. The simulated market never closes: its session is the UTC day.
    fn session(&self, ticker: &Ticker, quote: &Quote, now: DateTime<Utc>) -> Range<DateTime<Utc>> {
        let as_of = quote.as_of.map_or(now, |as_of| as_of.min(now));
        let (start, end) = match self.provenance() {
            Provenance::Simulated => (as_of.date_naive().and_time(NaiveTime::MIN).and_utc(), as_of),
            Provenance::Real | Provenance::Replay => self.calendar.last_trading_session(ticker.mic.as_deref(), as_of),
        };
        // Includes the minute that has begun, and that of the closing auction. Whole minutes, so that securities share it.
        let last = end.min(as_of);
        start..last.duration_trunc(TimeDelta::minutes(1)).unwrap_or(last) + TimeDelta::minutes(1)
    }
}

impl SparklineInput {
    /// The simulated closes of the session's minutes before the first recorded one; none if an earlier day was
    /// recorded.
    fn simulated_closes(
        &self,
        simulated: &SimulatedHistory,
        first_day: Option<NaiveDate>,
        stored: &[Close],
    ) -> Vec<Close> {
        let minute = stored.first().map(|close| (close.start, close.price));
        let day = first_day.zip(minute.map(|(_, price)| price));
        let Some((history_end, today)) = history_end(&self.quote, &FirstBars { minute, day }) else {
            return Vec::new();
        };
        if first_day.is_some_and(|first| first < today) {
            return Vec::new();
        }
        let minutes = simulated.minutes(&self.ticker, &history_end, today, &self.session, usize::MAX);
        minutes.into_iter().map(|bar| Close { start: bar.start, price: bar.close }).collect()
    }
}

/// The splits of these symbols: none of a simulation, and those of a replay are in its prices.
fn splits_of(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbols: &[Symbol],
) -> Result<HashMap<Symbol, Vec<Split>>> {
    if provenance == Provenance::Real { split::of(connection, symbols) } else { Ok(HashMap::new()) }
}

/// Where a security's simulated history ends, and the day of its last price; `None` without a price.
fn history_end(quote: &Quote, first: &FirstBars) -> Option<(HistoryEnd, NaiveDate)> {
    let (as_of, price) = (quote.as_of?, quote.price?);
    let today = as_of.date_naive();
    let (day, open) = first.day.unwrap_or((today, price));
    if day != today {
        // The close before that day was not recorded: its open stands in.
        return Some((HistoryEnd { day, previous_close: Some(open), open_low_high: None, first: first.minute }, today));
    }
    // Up to the minute that is being recorded.
    let minute = first.minute.or_else(|| Some((as_of.duration_trunc(TimeDelta::minutes(1)).ok()?, price)));
    let open_low_high = quote.open.zip(quote.low).zip(quote.high).map(|((open, low), high)| (open, low, high));
    Some((HistoryEnd { day, previous_close: quote.previous_close, open_low_high, first: minute }, today))
}
