//! The caller's watchlists.

use crate::auth::Caller;
use crate::cluster::events::Event;
use crate::db::idempotency::Answer;
use crate::db::list_lock::{self, Expected, Locked};
use crate::db::{DbConnection, Result as DbResult, alert, item, watchlist};
use crate::http::error_codes::Error;
use crate::http::etag::{self, IfMatch, etag, etag_with_prices};
use crate::http::extractors::{Json, MergePatch, Query, Reader, Writer};
use crate::http::idempotency::{Idempotency, IdempotencyHeader, IdempotentRequest, Outcome, json_answer};
use crate::http::state::AppState;
use crate::ids;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer};
use watchtape_shared::watchlist::{NewWatchlist, Order, Watchlist, WatchlistPatch, WatchlistSummary};
use watchtape_shared::{Page, UserId, WatchlistId};

/// What to show beside the items.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The last values.
    Quotes,
    /// How many active alerts you have of each symbol.
    Alerts,
}

/// How to show a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WatchlistQuery {
    /// What to put beside the items, separated by commas: `quotes` for last values, `alerts` for how many active alerts you have.
    #[serde(default, deserialize_with = "read_include")]
    #[param(value_type = Option<Vec<Include>>, inline, style = Form, explode = false, example = json!(["quotes"]))]
    include: Vec<Include>,
}

fn read_include<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Include>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let read = |name: &str| Include::deserialize(name.into_deserializer());
    text.split(',').map(read).collect()
}

/// List your watchlists
#[utoipa::path(
    get, path = "/api/v1/watchlists", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Every list of yours, in your order", body = Page<WatchlistSummary>))
)]
pub async fn list_watchlists(
    state: web::Data<AppState>,
    Reader(user): Reader,
) -> Result<web::Json<Page<WatchlistSummary>>, Error> {
    let owner = user.id.clone();
    let lists = state.db.of(&user.id).snapshot(move |connection| watchlist::list(connection, &owner)).await?;
    Ok(web::Json(Page::whole(lists)))
}

/// Make a watchlist
#[utoipa::path(
    post, path = "/api/v1/watchlists", tag = "watchlists", request_body = NewWatchlist, security(("bearer" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The new, empty list", body = Watchlist),
              (status = 409, description = "The name is used, or there are 50 lists"))
)]
pub async fn create_watchlist(
    state: web::Data<AppState>,
    Writer(user): Writer,
    idempotency: Idempotency,
    body: Json<NewWatchlist>,
) -> Result<HttpResponse, Error> {
    let (id, Json(new)) = (ids::watchlist(), body);
    let caller = user.clone();
    let created = idempotency.with_json(&new).run(&state, &user.id, move |connection, owner| {
        caller.recheck(connection)?;
        let list = watchlist::create(connection, owner, &id, &new.name)?;
        let (location, etag) = (Some(format!("/api/v1/watchlists/{id}")), Some(etag(list.summary.version)));
        Ok((Answer { location, etag, ..json_answer(StatusCode::CREATED, &list)? }, id))
    });
    let created = created.await?;
    if let Some(id) = &created.result {
        state.node.events.publish(Event::ListChanged(user.id, id.clone()));
    }
    Ok(created.into_response())
}

/// Read a watchlist
///
/// The `ETag` is the list's version, and with `include` that of what is put beside the items too: poll with `If-None-Match`.
#[utoipa::path(
    get, path = "/api/v1/watchlists/{id}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"), WatchlistQuery),
    responses((status = 200, description = "The list with its items", body = Watchlist),
              (status = 304, description = "Nothing has changed since the ETag in If-None-Match"))
)]
pub async fn get_watchlist(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    id: web::Path<WatchlistId>,
    query: Query<WatchlistQuery>,
) -> Result<HttpResponse, Error> {
    let (owner, include) = (user.id.clone(), query.0.include);
    let counts_alerts = include.contains(&Include::Alerts);
    let db = state.db.of(&user.id);
    let read = db.snapshot(move |connection| {
        let alerts = counts_alerts.then(|| alert::active_counts(connection, &owner)).transpose()?;
        Ok((watchlist::find(connection, &owner, &id)?, alerts))
    });
    let (mut list, alerts) = read.await?;
    for item in &mut list.items {
        item.alert_count = alerts.as_ref().map(|counts| counts.get(&item.symbol).copied().unwrap_or_default());
    }
    if include.contains(&Include::Quotes) {
        for item in &mut list.items {
            item.quote = state.market.tickers.get(&item.symbol).map(|ticker| state.node.last_values.quote(&ticker));
        }
        let quotes = list.items.iter().filter_map(|item| item.quote.as_ref());
        state.node.demand.record_request(quotes.map(|quote| quote.symbol));
    }
    let tag = if include.is_empty() {
        etag(list.summary.version)
    } else {
        let beside: Vec<_> = list.items.iter().map(|item| (&item.quote, item.alert_count)).collect();
        etag_with_prices(list.summary.version, &beside)?
    };
    if etag::is_not_modified(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(with_etag(&list, tag))
}

/// Rename or move a watchlist
#[utoipa::path(
    patch, path = "/api/v1/watchlists/{id}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Change it only at this version", example = "\"7\"")),
    request_body(content = WatchlistPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed list", body = Watchlist),
              (status = 409, description = "The name is used"))
)]
pub async fn update_watchlist(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    body: MergePatch<WatchlistPatch>,
) -> Result<HttpResponse, Error> {
    let (MergePatch(patch), owner) = (body, user.id.clone());
    let changed =
        change(&state, user, &id, list_lock::lock_with_owner, if_match.optional(), move |connection, owner, list| {
            let siblings = watchlist::change(connection, owner, list, &patch)?;
            Ok((watchlist::find(connection, owner, list.id())?, siblings))
        });
    let (list, siblings) = changed.await?;
    publish_changes(&state, &owner, siblings);
    let tag = etag(list.summary.version);
    Ok(with_etag(&list, tag))
}

/// Delete a watchlist and its items
#[utoipa::path(
    delete, path = "/api/v1/watchlists/{id}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Delete it only at this version", example = "\"7\"")),
    responses((status = 204, description = "It is gone"))
)]
pub async fn delete_watchlist(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let owner = user.id.clone();
    let deleted = change(&state, user, &id, list_lock::lock_with_owner, if_match.optional(), watchlist::delete);
    publish_changes(&state, &owner, deleted.await?);
    Ok(HttpResponse::NoContent().finish())
}

/// Set the whole order of a watchlist
///
/// Names every symbol of the list, each once. Needs `If-Match`, so that an item added elsewhere is not lost from sight.
#[utoipa::path(
    put, path = "/api/v1/watchlists/{id}/order", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = String, Header, description = "The version that the order is of", example = "\"7\"")),
    request_body = Order,
    responses((status = 200, description = "The list in its new order", body = Watchlist),
              (status = 422, description = "The order is not of just the list's symbols"),
              (status = 428, description = "If-Match is missing"))
)]
pub async fn set_watchlist_order(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    body: Json<Order>,
) -> Result<HttpResponse, Error> {
    let Json(order) = body;
    let changed = change(&state, user, &id, list_lock::lock, if_match.required()?, move |connection, owner, list| {
        item::reorder(connection, list, &order.symbols)?;
        watchlist::find(connection, owner, list.id())
    });
    let list = changed.await?;
    let tag = etag(list.summary.version);
    Ok(with_etag(&list, tag))
}

/// Locks the list for a change: alone, or with all lists of its owner.
type Lock = fn(&mut DbConnection, &UserId, &WatchlistId, &Expected) -> DbResult<Locked>;

/// Changes one of the caller's lists in one transaction, and publishes a change to the caller's connections.
pub(super) async fn change<T: Send + 'static>(
    state: &AppState,
    user: Caller,
    id: &WatchlistId,
    lock: Lock,
    expected: Expected,
    work: impl FnOnce(&mut DbConnection, &UserId, &mut Locked) -> DbResult<T> + Send + 'static,
) -> Result<T, Error> {
    let (owner, list_id) = (user.id.clone(), id.clone());
    let caller = user.clone();
    let db = state.db.of(&user.id);
    let changed = db.write(move |connection| {
        caller.recheck(connection)?;
        let mut list = lock(connection, &owner, &list_id, &expected)?;
        let result = work(connection, &owner, &mut list)?;
        Ok((result, list.is_changed()))
    });
    let (result, is_changed) = changed.await?;
    if is_changed {
        state.node.events.publish(Event::ListChanged(user.id, id.clone()));
    }
    Ok(result)
}

/// Changes one of the caller's lists once for each idempotency key, and publishes the change unless it is a replay.
pub(super) async fn change_once(
    state: &AppState,
    user: Caller,
    id: &WatchlistId,
    request: IdempotentRequest,
    work: impl FnOnce(&mut DbConnection, &UserId, &WatchlistId) -> DbResult<(Answer, Changed)> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let list_id = id.clone();
    let caller = user.clone();
    let outcome = request.run(state, &user.id, move |connection, owner| {
        caller.recheck(connection)?;
        work(connection, owner, &list_id)
    });
    let outcome = outcome.await?;
    if let Outcome { result: Some(Changed(true)), .. } = outcome {
        state.node.events.publish(Event::ListChanged(user.id, id.clone()));
    }
    Ok(outcome.into_response())
}

/// Publishes that lists of this owner have another position.
fn publish_changes(state: &AppState, owner: &UserId, lists: Vec<WatchlistId>) {
    for list in lists {
        state.node.events.publish(Event::ListChanged(owner.clone(), list));
    }
}

/// Whether the list was changed, so that an event is to be published.
pub(super) struct Changed(pub(super) bool);

fn with_etag(list: &Watchlist, tag: String) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, tag)).json(list)
}
