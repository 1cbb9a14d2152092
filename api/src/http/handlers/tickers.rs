//! The catalogue of securities: search, and look-up by symbol.

use crate::clock;
use crate::db::watchlist;
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::{Query, Reader};
use crate::http::pagination::limit_of;
use crate::http::state::AppState;
use crate::search::SearchScope;
use actix_web::web::{self, Json};
use serde::Deserialize;
use std::sync::Arc;
use watchtape_shared::ticker::{SecurityClass, Ticker, TickerMatch};
use watchtape_shared::watchlist::ContainingWatchlist;
use watchtape_shared::{Page, Symbol};

const MAX_QUERY_CHARS: usize = 64;
const MAX_LIMIT: usize = 50;
const DEFAULT_LIMIT: usize = 20;
const MAX_LISTINGS: usize = 200;

/// What to search for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TickerQuery {
    /// Part of a symbol, a name or an ISIN, up to 64 characters; typing errors are forgiven. Without it: the whole
    /// catalogue by rank.
    #[param(example = "micros", max_length = 64)]
    #[serde(default)]
    q: String,
    /// Only securities of this class.
    #[param(inline, example = "etf")]
    class: Option<SecurityClass>,
    /// How many results, 1 to 50; 20 by default.
    #[param(example = 10, minimum = 1, maximum = 50)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Search securities
///
/// Ranked by how well the symbol, the name or the ISIN matches and how well known the company is, of which the home listing
/// comes first, then those at exchanges where you watch other securities; with few results also what a typing error may have meant. Case, accents, punctuation and spaces do not
/// matter. An exchange can be named (`NASDAQ:AAPL`, `sap frankfurt`), and several symbols (`AAPL, MSFT`). Each result says
/// what matched. Delisted securities are not found. A query has at most 2,000 results.
#[utoipa::path(
    get, path = "/api/v1/tickers", tag = "tickers", params(TickerQuery), security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The best results", body = Page<TickerMatch>))
)]
pub async fn search_tickers(
    state: web::Data<AppState>,
    Reader(user): Reader,
    query: Query<TickerQuery>,
) -> Result<Json<Page<TickerMatch>>, Error> {
    let Query(TickerQuery { q, class, limit, cursor }) = query;
    if q.chars().count() > MAX_QUERY_CHARS {
        return Err(Error::new(Code::InvalidQuery, format!("q has at most {MAX_QUERY_CHARS} characters.")));
    }
    let limit = limit_of(limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let of_class = class.map_or("", SecurityClass::name);
    let purpose = format!("tickers {} {of_class} {q}", user.id);
    let offset = match cursor {
        Some(cursor) => state.web.cursors.decode(&purpose, &cursor)?.parse().map_err(Error::internal)?,
        None => 0,
    };
    let exchanges = state.market.own_exchanges.of(&state.db, &user.id).await;
    let began = clock::monotonic();
    let page = state.market.tickers.load().search_for(&q, &SearchScope { class, exchanges }, offset, limit);
    state.metrics.work.search_duration.observe(began.elapsed().as_secs_f64());
    let next_cursor = page.more.then(|| state.web.cursors.encode(&purpose, &(offset + limit).to_string()));
    let items = page.matches.into_iter().map(|(ticker, matched)| TickerMatch { ticker: (*ticker).clone(), matched });
    Ok(Json(Page { items: items.collect(), next_cursor }))
}

/// Read one security
#[utoipa::path(
    get, path = "/api/v1/tickers/{symbol}", tag = "tickers", security(("bearer" = []), ("api_key" = [])),
    params(("symbol" = Symbol, Path, description = "The symbol as the catalogue spells it", example = "AAPL")),
    responses((status = 200, description = "The security", body = Ticker))
)]
pub async fn get_ticker(
    state: web::Data<AppState>,
    _: Reader,
    symbol: web::Path<Symbol>,
) -> Result<Json<Ticker>, Error> {
    let ticker = state.market.tickers.get(&symbol).ok_or_else(|| Error::not_found("security"))?;
    Ok(Json((*ticker).clone()))
}

/// List the listings of a security's company
///
/// The same company at all exchanges of the catalogue, by ISIN and by name: the home listing first, then by rank. At most 200.
#[utoipa::path(
    get, path = "/api/v1/tickers/{symbol}/listings", tag = "tickers", security(("bearer" = []), ("api_key" = [])),
    params(("symbol" = Symbol, Path, description = "The symbol as the catalogue spells it", example = "AAPL")),
    responses((status = 200, description = "The listings, the security itself among them", body = Page<Ticker>))
)]
pub async fn list_listings(
    state: web::Data<AppState>,
    _: Reader,
    symbol: web::Path<Symbol>,
) -> Result<Json<Page<Ticker>>, Error> {
    let index = state.market.tickers.load();
    let ticker = index.get(&symbol).ok_or_else(|| Error::not_found("security"))?;
    let mut listings: Vec<Ticker> =
        index.listings(&symbol).take(MAX_LISTINGS).map(|ticker| (**ticker).clone()).collect();
    if listings.is_empty() {
        // A delisted one is in no group.
        listings.push((**ticker).clone());
    }
    Ok(Json(Page::whole(listings)))
}

/// List your watchlists that contain a security
///
/// Each with the security's item alone: its note, flag, section and position.
#[utoipa::path(
    get, path = "/api/v1/tickers/{symbol}/watchlists", tag = "tickers", security(("bearer" = []), ("api_key" = [])),
    params(("symbol" = Symbol, Path, description = "The symbol as the catalogue spells it", example = "AAPL")),
    responses((status = 200, description = "Those lists of yours, in your order", body = Page<ContainingWatchlist>))
)]
pub async fn list_watchlists_of_ticker(
    state: web::Data<AppState>,
    Reader(user): Reader,
    symbol: web::Path<Symbol>,
) -> Result<Json<Page<ContainingWatchlist>>, Error> {
    let ticker = state.market.tickers.get(&symbol).ok_or_else(|| Error::not_found("security"))?;
    let symbol = ticker.symbol;
    let owner = user.id.clone();
    let read = state.db.of(&user.id);
    let lists = read.snapshot(move |connection| watchlist::containing(connection, &owner, symbol)).await?;
    Ok(Json(Page::whole(lists)))
}

/// The security of a symbol in a query or a body; 422 if it is not in the catalogue.
pub(super) fn require_known(state: &AppState, symbol: Symbol) -> Result<Arc<Ticker>, Error> {
    let unknown = || Error::new(Code::UnknownSymbol, format!("{symbol} is not in the catalogue."));
    state.market.tickers.get(&symbol).ok_or_else(unknown)
}
