//! Sparklines: the prices of the latest trading session, for rows of a list.

use super::quotes::read_symbols;
use crate::http::error_codes::Error;
use crate::http::etag;
use crate::http::extractors::{Query, Reader};
use crate::http::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use watchtape_shared::Page;
use watchtape_shared::sparkline::Sparkline;

/// Symbols of one request.
const MAX_SYMBOLS: usize = 100;

/// Which sparklines.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SparklinesQuery {
    /// Up to 100 symbols, separated by commas.
    #[param(
        example = "AAPL,MSFT",
        pattern = "^ *(, *)*[A-Za-z0-9][A-Za-z0-9.-]{0,14} *(, *([A-Za-z0-9][A-Za-z0-9.-]{0,14} *)?)*$"
    )]
    symbols: String,
}

/// Read sparklines
///
/// For each symbol, in the order asked for, the course of its latest session: the regular hours of its exchange that its
/// last price was made in or came after, as far as they have come; of the simulated market, which never closes, the day in
/// UTC. They are made of the bars of a minute, evened into at most 60 steps of one length: a point is the last price of
/// its step, and null where there is none. The first and the last point are prices; where there is no bar, there is no
/// point. The answer has an `ETag`: poll with `If-None-Match`, no more often than once a minute.
#[utoipa::path(
    get, path = "/api/v1/quotes/sparklines", tag = "prices", params(SparklinesQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The sparklines", body = Page<Sparkline>),
              (status = 304, description = "Nothing has changed since the ETag in If-None-Match"),
              (status = 422, description = "A symbol is not in the catalogue"))
)]
pub async fn list_sparklines(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    query: Query<SparklinesQuery>,
) -> Result<HttpResponse, Error> {
    let tickers = read_symbols(&state, &query.0.symbols, MAX_SYMBOLS)?;
    state.node.demand.record_request(tickers.iter().map(|ticker| ticker.symbol));
    let lines = state.market.history.sparklines(&user.id, tickers).await?;
    etag::json_with_etag(&request, &Page::whole(lines))
}
