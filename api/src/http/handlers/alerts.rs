//! The caller's alerts.

use super::alert_checks;
use crate::auth::Caller;
use crate::db::alert::{self, Filter};
use crate::db::idempotency::Answer;
use crate::db::{DbConnection, Error as DbError, Result as DbResult};
use crate::http::error_codes::{Code, Error};
use crate::http::etag::{self, IfMatch, etag};
use crate::http::extractors::{Json, MergePatch, Query, Reader, Writer};
use crate::http::idempotency::{Idempotency, IdempotencyHeader, json_answer};
use crate::http::pagination::limit_of;
use crate::http::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use watchtape_shared::alert::{Alert, AlertPatch, AlertState, BulkAlerts, BulkAlertsResult, MAX_BULK, NewAlert};
use watchtape_shared::{AlertId, Page, Symbol, UserId};

const MAX_LIMIT: usize = 500;
const DEFAULT_LIMIT: usize = 100;

/// Which alerts.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertsQuery {
    /// Those in this state alone.
    #[param(inline, example = "active")]
    state: Option<AlertState>,
    /// Those of this symbol alone, as the catalogue spells it.
    #[param(example = "AAPL")]
    symbol: Option<Symbol>,
    /// How many, 1 to 500; 100 by default.
    #[param(example = 100, minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List your alerts
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", params(AlertsQuery), security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A part of your alerts", body = Page<Alert>))
)]
pub async fn list_alerts(
    state: web::Data<AppState>,
    Reader(user): Reader,
    query: Query<AlertsQuery>,
) -> Result<web::Json<Page<Alert>>, Error> {
    let Query(AlertsQuery { state: alert_state, symbol, limit, cursor }) = query;
    let limit = limit_of(limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let purpose = format!("alerts of {} {alert_state:?} {symbol:?}", user.id);
    let page = state.web.cursors.request(purpose, limit, cursor.as_deref())?;
    let (before, rows) = (page.before.clone(), page.rows());
    let (db, owner, filter) = (state.db.of(&user.id), user.id.clone(), Filter { state: alert_state, symbol });
    let found = db.snapshot(move |connection| alert::list(connection, &owner, &filter, before.as_ref(), rows));
    Ok(web::Json(page.page(found.await?, |alert| alert.id.as_str())))
}

/// Make an alert
///
/// It is watched for from the next price on, on whichever node. A price that comes first only sets the side of a level that is to
/// be crossed. What is so already is refused, but for `above`, `below` and `moves_percent`, which trigger at once.
#[utoipa::path(
    post, path = "/api/v1/alerts", tag = "alerts", request_body = NewAlert, security(("bearer" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The new alert", body = Alert),
              (status = 409, description = "There are as many alerts as are allowed"),
              (status = 422, description = "The symbol is unknown, a member is not as it has to be, there is too little history, or \
                                            it is so already; then the detail has the current price"))
)]
pub async fn create_alert(
    state: web::Data<AppState>,
    Writer(user): Writer,
    idempotency: Idempotency,
    body: Json<NewAlert>,
) -> Result<HttpResponse, Error> {
    let Json(new) = body;
    let request = idempotency.with_json(&new);
    let checked = alert_checks::check_new(&state, &user.id, new, "").await?;
    let (caller, most) = (user.clone(), state.alerts.most_of_account);
    let created = request.run(&state, &user.id, move |connection, owner| {
        caller.recheck(connection)?;
        let created = alert::create(connection, owner, vec![checked], most)?;
        let alert = created.first().ok_or(DbError::NotFound("alert"))?;
        let (location, etag) = (Some(format!("/api/v1/alerts/{}", alert.id)), Some(etag(alert.version)));
        Ok((Answer { location, etag, ..json_answer(StatusCode::CREATED, alert)? }, ()))
    });
    let created = created.await?;
    state.alerts.changed.notify_changed();
    Ok(created.into_response())
}

/// Read an alert
///
/// The `ETag` is its version.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}", tag = "alerts", security(("bearer" = []), ("api_key" = [])),
    params(("id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The alert", body = Alert),
              (status = 304, description = "It has not changed since the ETag in If-None-Match"))
)]
pub async fn get_alert(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    id: web::Path<AlertId>,
) -> Result<HttpResponse, Error> {
    let alert = find(&state, &user.id, &id).await?;
    let tag = etag(alert.version);
    if etag::is_not_modified(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(with_etag(&alert))
}

/// Change an alert
///
/// What decides when it triggers starts it anew: the next price sets the side of a level. An alert that has triggered or expired
/// stays so until it is resumed, or is given more time.
#[utoipa::path(
    patch, path = "/api/v1/alerts/{id}", tag = "alerts", security(("bearer" = []), ("api_key" = [])),
    params(("id" = AlertId, Path, description = "The alert"),
           ("If-Match" = Option<String>, Header, description = "Change it only at this version", example = "\"7\"")),
    request_body(content = AlertPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed alert", body = Alert),
              (status = 422, description = "A member is not as it has to be, or what is to be watched for is so already"))
)]
pub async fn update_alert(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<AlertId>,
    if_match: IfMatch,
    body: MergePatch<AlertPatch>,
) -> Result<HttpResponse, Error> {
    let (MergePatch(patch), expected) = (body, if_match.optional());
    let before = find(&state, &user.id, &id).await?;
    alert_checks::check_patch(&state, &user.id, &before, &patch).await?;
    let changed =
        change(&state, user, move |connection, owner| alert::change(connection, owner, &id, &expected, &patch));
    Ok(with_etag(&changed.await?))
}

/// Delete an alert
///
/// The history keeps its triggers.
#[utoipa::path(
    delete, path = "/api/v1/alerts/{id}", tag = "alerts", security(("bearer" = []), ("api_key" = [])),
    params(("id" = AlertId, Path, description = "The alert"),
           ("If-Match" = Option<String>, Header, description = "Delete it only at this version", example = "\"7\"")),
    responses((status = 204, description = "It is gone"))
)]
pub async fn delete_alert(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<AlertId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let expected = if_match.optional();
    change(&state, user, move |connection, owner| alert::delete(connection, owner, &id, &expected)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Pause an alert
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/pause", tag = "alerts", security(("bearer" = []), ("api_key" = [])),
    params(("id" = AlertId, Path, description = "The alert"),
           ("If-Match" = Option<String>, Header, description = "Pause it only at this version", example = "\"7\"")),
    responses((status = 200, description = "The alert, which is not watched for; one that has triggered or expired stays so", body = Alert))
)]
pub async fn pause_alert(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<AlertId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    set_paused(&state, user, id.into_inner(), if_match, true).await
}

/// Watch for an alert again
///
/// It starts anew, also where it has triggered: the next price sets the side of a level.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/resume", tag = "alerts", security(("bearer" = []), ("api_key" = [])),
    params(("id" = AlertId, Path, description = "The alert"),
           ("If-Match" = Option<String>, Header, description = "Resume it only at this version", example = "\"7\"")),
    responses((status = 200, description = "The alert, which is watched for", body = Alert),
              (status = 422, description = "It has expired, and needs more time first"))
)]
pub async fn resume_alert(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<AlertId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    set_paused(&state, user, id.into_inner(), if_match, false).await
}

/// Make, pause, resume and delete many alerts
///
/// In one transaction: all of it or nothing. Alerts that are not there do not keep the others from it.
#[utoipa::path(
    post, path = "/api/v1/alerts/bulk", tag = "alerts", request_body = BulkAlerts, security(("bearer" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses((status = 200, description = "What was done", body = BulkAlertsResult),
              (status = 409, description = "There would be more alerts than are allowed"),
              (status = 422, description = "One of the new alerts is not as it has to be"))
)]
pub async fn change_alerts(
    state: web::Data<AppState>,
    Writer(user): Writer,
    idempotency: Idempotency,
    body: Json<BulkAlerts>,
) -> Result<HttpResponse, Error> {
    let Json(bulk) = body;
    let request = idempotency.with_json(&bulk);
    let BulkAlerts { create, pause, resume, delete } = bulk;
    let count = create.len() + pause.len() + resume.len() + delete.len();
    if !(1..=MAX_BULK).contains(&count) {
        return Err(Error::new(Code::Invalid, format!("A bulk change has 1 to {MAX_BULK} entries in all.")).at(""));
    }
    let mut checked = Vec::new();
    for (at, new) in create.into_iter().enumerate() {
        checked.push(alert_checks::check_new(&state, &user.id, new, &format!("/create/{at}")).await?);
    }
    let (caller, most) = (user.clone(), state.alerts.most_of_account);
    let done = request.run(&state, &user.id, move |connection, owner| {
        caller.recheck(connection)?;
        // Places are freed before they are taken.
        let deleted = alert::delete_many(connection, owner, &delete)?;
        let paused = alert::set_paused_of_many(connection, owner, &pause, true)?;
        let resumed = alert::set_paused_of_many(connection, owner, &resume, false)?;
        let created = alert::create(connection, owner, checked, most)?;
        let changed: Vec<Alert> = paused.into_iter().chain(resumed).collect();
        let is_there = |id: &AlertId| deleted.contains(id) || changed.iter().any(|alert| alert.id == *id);
        let named = delete.into_iter().chain(pause).chain(resume);
        let not_found = named.filter(|id| !is_there(id)).collect();
        let result = BulkAlertsResult { created, changed, deleted, not_found };
        Ok((json_answer(StatusCode::OK, &result)?, ()))
    });
    let done = done.await?;
    state.alerts.changed.notify_changed();
    Ok(done.into_response())
}

async fn find(state: &AppState, owner: &UserId, id: &AlertId) -> Result<Alert, Error> {
    let (account, id) = (owner.clone(), id.clone());
    Ok(state.db.of(owner).snapshot(move |connection| alert::find(connection, &account, &id)).await?)
}

async fn set_paused(
    state: &AppState,
    user: Caller,
    id: AlertId,
    if_match: IfMatch,
    is_paused: bool,
) -> Result<HttpResponse, Error> {
    let expected = if_match.optional();
    let changed =
        change(state, user, move |connection, owner| alert::set_paused(connection, owner, &id, &expected, is_paused));
    Ok(with_etag(&changed.await?))
}

/// Changes the caller's alerts in one transaction, and has it evaluated at once.
async fn change<T: Send + 'static>(
    state: &AppState,
    user: Caller,
    work: impl FnOnce(&mut DbConnection, &UserId) -> DbResult<T> + Send + 'static,
) -> Result<T, Error> {
    let owner = user.id.clone();
    let db = state.db.of(&owner);
    let changed = db.write(move |connection| {
        user.recheck(connection)?;
        work(connection, &user.id)
    });
    let result = changed.await?;
    state.alerts.changed.notify_changed();
    Ok(result)
}

fn with_etag(alert: &Alert) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag(alert.version))).json(alert)
}
