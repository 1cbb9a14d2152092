//! The caller's audit log.

use crate::auth::SessionUser;
use crate::db::audit;
use crate::http::error_codes::Error;
use crate::http::extractors::Query;
use crate::http::pagination::limit_of;
use crate::http::state::AppState;
use actix_web::web::{self, Json};
use serde::Deserialize;
use watchtape_shared::Page;
use watchtape_shared::audit::AuditEvent;

const MAX_LIMIT: usize = 100;
const DEFAULT_LIMIT: usize = 50;

/// Which part of the trail.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// How many entries, 1 to 100; 50 by default.
    #[param(example = 20, minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List what was done to your account
///
/// Sign-ins and failed ones, revocations, changes of the account, keys and their first use on each day, by whom and from
/// where; the newest first.
#[utoipa::path(
    get, path = "/api/v1/me/audit-events", tag = "account", params(AuditQuery), security(("bearer" = [])),
    responses((status = 200, description = "A part of the audit trail", body = Page<AuditEvent>),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn list_audit_events(
    state: web::Data<AppState>,
    session_user: SessionUser,
    query: Query<AuditQuery>,
) -> Result<Json<Page<AuditEvent>>, Error> {
    let Query(AuditQuery { limit, cursor }) = query;
    let limit = limit_of(limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let owner = session_user.id.clone();
    let page = state.web.cursors.request(format!("audit events of {owner}"), limit, cursor.as_deref())?;
    let (before, rows) = (page.before.clone(), page.rows());
    let db = state.db.of(&owner);
    let found = db.read(move |connection| audit::list(connection, &session_user.id, before.as_ref(), rows));
    Ok(Json(page.page(found.await?, |event| event.id.as_str())))
}
