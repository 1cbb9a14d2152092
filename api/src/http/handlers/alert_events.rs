//! The history of the caller's alerts: their triggers.

use crate::db::alert_event;
use crate::http::error_codes::Error;
use crate::http::extractors::{Query, Reader};
use crate::http::pagination::limit_of;
use crate::http::state::AppState;
use actix_web::web::{self, Json};
use serde::Deserialize;
use watchtape_shared::Page;
use watchtape_shared::alert::AlertEvent;

const MAX_LIMIT: usize = 500;
const DEFAULT_LIMIT: usize = 100;

/// Which triggers.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertEventsQuery {
    /// How many, 1 to 500; 100 by default.
    #[param(example = 100, minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List what your alerts have seen
///
/// The newest first, for a year. A trigger stays when its alert is deleted.
#[utoipa::path(
    get, path = "/api/v1/alert-events", tag = "alerts", params(AlertEventsQuery), security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A part of the triggers", body = Page<AlertEvent>))
)]
pub async fn list_alert_events(
    state: web::Data<AppState>,
    Reader(user): Reader,
    query: Query<AlertEventsQuery>,
) -> Result<Json<Page<AlertEvent>>, Error> {
    let Query(AlertEventsQuery { limit, cursor }) = query;
    let limit = limit_of(limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let owner = user.id.clone();
    let page = state.web.cursors.request(format!("alert events of {owner}"), limit, cursor.as_deref())?;
    let (before, rows) = (page.before.clone(), page.rows());
    let db = state.db.of(&user.id);
    let found = db.read(move |connection| alert_event::list(connection, &owner, before.as_ref(), rows));
    Ok(Json(page.page(found.await?, |event| event.id.as_str())))
}
