//! When an alert would have triggered.

use super::alert_checks;
use crate::alerts::preview::{PreviewQuery, preview};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::{Json, Reader};
use crate::http::state::AppState;
use actix_web::web;
use watchtape_shared::alert::{Condition, Preview, PreviewRequest};

const DEFAULT_DAYS: u16 = 30;
const MAX_DAYS: u16 = 1_300;

/// Try an alert on the past
///
/// When it would have triggered over the stored bars, at most once a trading day, and how exactly that is known: minutes where
/// their bars are kept, days before. Nothing is made or changed.
#[utoipa::path(
    post, path = "/api/v1/alerts/preview", tag = "alerts", request_body = PreviewRequest,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "When it would have triggered", body = Preview),
              (status = 422, description = "The symbol is unknown, a member is not as it has to be, or the condition is `stale`"))
)]
pub async fn preview_alert(
    state: web::Data<AppState>,
    Reader(user): Reader,
    body: Json<PreviewRequest>,
) -> Result<web::Json<Preview>, Error> {
    let Json(PreviewRequest { symbol, condition, session, days }) = body;
    let ticker = alert_checks::find_ticker(&state, &symbol).map_err(|error| error.at("/symbol"))?;
    alert_checks::check_members(&condition, "")?;
    if matches!(condition, Condition::Stale { .. }) {
        let detail = "The past has no record of when prices were missing: stale cannot be tried on it.";
        return Err(Error::new(Code::Invalid, detail).at("/condition"));
    }
    let days = days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Error::new(Code::Invalid, format!("days are 1 to {MAX_DAYS}.")).at("/days"));
    }
    let query = PreviewQuery { condition, session, days };
    let found = preview(&state.market.history, &state.market.calendar, &user.id, &ticker, query);
    Ok(web::Json(found.await?))
}
