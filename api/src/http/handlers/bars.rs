//! Bars: open, high, low, close and volume of a security for each minute or trading day.

use crate::clock;
use crate::history::BarQuery;
use crate::http::error_codes::{Code, Error};
use crate::http::etag;
use crate::http::extractors::{Query, Reader};
use crate::http::pagination::limit_of;
use crate::http::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;
use watchtape_shared::Symbol;
use watchtape_shared::bar::{BarPage, Interval};

const DEFAULT_LIMIT: u32 = 500;
const MAX_LIMIT: u32 = 5000;
/// How far before `to` an answer begins without `from`.
const DEFAULT_MINUTE_BARS_SPAN: TimeDelta = TimeDelta::days(1);
const DEFAULT_DAILY_BARS_SPAN: TimeDelta = TimeDelta::days(365);

/// Which bars.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BarsQuery {
    /// A minute or a day.
    #[param(inline, example = "1d")]
    interval: Interval,
    /// Only bars that begin at this time or later: RFC 3339, or a date for its midnight in UTC. By default a day before
    /// `to` for minutes, and a year for days.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// Only bars that begin before this time. By default now.
    #[param(example = "2026-11-20T21:00:00Z")]
    to: Option<String>,
    /// How many bars, 1 to 5,000; 500 by default. Where there are more, the newest are given.
    #[param(example = 500, minimum = 1, maximum = 5000)]
    limit: Option<u32>,
}

/// Read bars
///
/// What the price of a security did in each minute or on each trading day, oldest first. A bar of a minute begins at a
/// whole minute of UTC and includes extended hours; one of a day begins at midnight (UTC) of the trading day's date and has
/// its regular hours alone. A stretch without a price has no bar, and bars of a simulation or a replay are not mixed with
/// those of real prices. Bars are made of what was seen here: they begin when
/// somebody watches, and the newest may be some seconds behind the last price. The simulated market alone has a past
/// before that, made by its seed as its prices are: the days of five years, and the minutes of five sessions and of the
/// day's beginning. Where the source's previous close shows that shares were split, bars from before that day are adjusted
/// to the new shares, and `adjusted` says by which ratio. The answer has an `ETag`: poll with `If-None-Match`.
#[utoipa::path(
    get, path = "/api/v1/quotes/{symbol}/bars", tag = "prices", security(("bearer" = []), ("api_key" = [])),
    params(("symbol" = Symbol, Path, description = "The symbol as the catalogue spells it", example = "AAPL"), BarsQuery),
    responses((status = 200, description = "The bars", body = BarPage),
              (status = 304, description = "Nothing has changed since the ETag in If-None-Match"))
)]
pub async fn list_bars(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    symbol: web::Path<Symbol>,
    query: Query<BarsQuery>,
) -> Result<HttpResponse, Error> {
    let ticker = state.market.tickers.get(&symbol).ok_or_else(|| Error::not_found("security"))?;
    state.node.demand.record_request([ticker.symbol]);
    let Query(BarsQuery { interval, from, to, limit }) = query;
    let limit = limit_of(limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let to = to.map_or_else(|| Ok(clock::now()), |text| read_time("to", &text))?;
    let span = match interval {
        Interval::OneMinute => DEFAULT_MINUTE_BARS_SPAN,
        Interval::OneDay => DEFAULT_DAILY_BARS_SPAN,
    };
    let from = from.map_or_else(|| Ok(to - span), |text| read_time("from", &text))?;
    if from > to {
        return Err(Error::new(Code::InvalidQuery, "from is not after to."));
    }
    let page = state.market.history.bars(&user.id, &ticker, BarQuery { interval, span: from..to, limit }).await?;
    etag::json_with_etag(&request, &page)
}

/// Parses a parameter: an RFC 3339 time, or a date for its midnight in UTC; 1970 to 9999, as other years do not sort as text.
pub fn read_time(name: &str, text: &str) -> Result<DateTime<Utc>, Error> {
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let date = || {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)?;
        Some(date.and_time(NaiveTime::MIN).and_utc())
    };
    time.or_else(date).filter(|time| *time >= DateTime::UNIX_EPOCH).ok_or_else(|| {
        let shape = "is a time such as 2026-11-20T15:30:00Z or a date such as 2026-11-20, from 1970 on";
        Error::new(Code::InvalidQuery, format!("{name} {shape}."))
    })
}
