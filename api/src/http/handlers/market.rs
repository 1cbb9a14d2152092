//! The state of the exchanges and of the feed.

use crate::clock;
use crate::http::extractors::Reader;
use crate::http::state::AppState;
use crate::stream::market_watch::market_at;
use actix_web::web::{self, Json};
use watchtape_shared::market::Market;

/// Read the state of the exchanges and of the feed
#[utoipa::path(
    get, path = "/api/v1/market", tag = "prices", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Each exchange, and where prices come from", body = Market))
)]
pub async fn get_market(state: web::Data<AppState>, _: Reader) -> Json<Market> {
    Json(market_at(&state.market.calendar, &state.node, clock::now()))
}
