//! Quotes: the last values of securities.

use crate::http::error_codes::{Code, Error};
use crate::http::etag;
use crate::http::extractors::{Query, Reader};
use crate::http::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::sync::Arc;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Page, Quote, Symbol};

/// Symbols of one request.
const MAX_SYMBOLS: usize = 1000;

/// Which quotes.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QuotesQuery {
    /// Up to 1,000 symbols, separated by commas.
    #[param(
        example = "AAPL,MSFT",
        pattern = "^ *(, *)*[A-Za-z0-9][A-Za-z0-9.-]{0,14} *(, *([A-Za-z0-9][A-Za-z0-9.-]{0,14} *)?)*$"
    )]
    symbols: String,
}

/// Read last values
///
/// One quote for each symbol, in the order asked for. A symbol without a price has `price: null` and a `reason`. The
/// answer has an `ETag`: poll with `If-None-Match`.
#[utoipa::path(
    get, path = "/api/v1/quotes", tag = "prices", params(QuotesQuery), security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The last values", body = Page<Quote>),
              (status = 304, description = "Nothing has changed since the ETag in If-None-Match"),
              (status = 422, description = "A symbol is not in the catalogue"))
)]
pub async fn list_quotes(
    request: HttpRequest,
    state: web::Data<AppState>,
    _: Reader,
    query: Query<QuotesQuery>,
) -> Result<HttpResponse, Error> {
    let tickers = read_symbols(&state, &query.0.symbols, MAX_SYMBOLS)?;
    let quotes: Vec<Quote> = tickers.iter().map(|ticker| state.node.last_values.quote(ticker)).collect();
    state.node.demand.record_request(quotes.iter().map(|quote| quote.symbol));
    etag::json_with_etag(&request, &Page::whole(quotes))
}

/// The securities of a comma-separated list of symbols, in its order; 1 to `max_symbols`.
pub(super) fn read_symbols(state: &AppState, list: &str, max_symbols: usize) -> Result<Vec<Arc<Ticker>>, Error> {
    let texts: Vec<&str> = list.split(',').map(|text| text.trim_matches(' ')).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() || texts.len() > max_symbols {
        return Err(Error::new(Code::InvalidQuery, format!("symbols names 1 to {max_symbols} symbols.")));
    }
    let read = |text: &str| {
        let symbol =
            Symbol::parse(text).map_err(|cause| Error::new(Code::InvalidQuery, format!("{text:?}: {cause}.")))?;
        super::tickers::require_known(state, symbol)
    };
    texts.into_iter().map(read).collect()
}
