//! The items of the caller's watchlists.

use super::append_items::append_items;
use super::watchlists::{self, Changed};
use crate::auth::Caller;
use crate::db::idempotency::Answer;
use crate::db::list_lock::{self, Locked};
use crate::db::{DbConnection, Result as DbResult, item};
use crate::http::error_codes::Error;
use crate::http::etag::{self, IfMatch, etag};
use crate::http::extractors::{Json, MergePatch, Reader, Writer};
use crate::http::idempotency::{Idempotency, IdempotencyHeader, json_answer};
use crate::http::state::AppState;
use crate::transfer::{Rejection, find_symbol};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::transfer::{BulkAdd, BulkAdded, BulkResult, BulkStatus};
use watchtape_shared::watchlist::{AddItem, ItemPatch, MoveItems, NewItem, WatchlistItem};
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// Put a symbol on a watchlist
///
/// The `ETag` of this and the other answers here is the list's new version.
#[utoipa::path(
    post, path = "/api/v1/watchlists/{id}/items", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\""),
           IdempotencyHeader),
    request_body = NewItem,
    responses((status = 201, description = "The new item", body = WatchlistItem),
              (status = 409, description = "The symbol is on the list, or the list has 1,000 items"),
              (status = 422, description = "The symbol is not in the catalogue, may mean several securities, or is not listed at its exchange"))
)]
pub async fn add_item(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: Json<NewItem>,
) -> Result<HttpResponse, Error> {
    let Json(new) = body;
    let (request, expected) = (idempotency.with_json(&new), if_match.optional());
    let new = known_item(&state, new).map_err(|rejection| Error::from(rejection).at("/symbol"))?;
    let location = format!("/api/v1/watchlists/{id}/items/{}", new.symbol);
    let added = watchlists::change_once(&state, user, &id, request, move |connection, owner, id| {
        let mut list = list_lock::lock(connection, owner, id, &expected)?;
        let item = item::add(connection, &mut list, &new)?;
        let (location, etag) = (Some(location), Some(etag(list.version())));
        Ok((Answer { location, etag, ..json_answer(StatusCode::CREATED, &item)? }, Changed(true)))
    });
    added.await
}

/// Put many symbols on a watchlist
///
/// One after the other, in one change of the list. Those that cannot be added do not keep the others from it: each has
/// its result, in the request's order.
#[utoipa::path(
    post, path = "/api/v1/watchlists/{id}/items/bulk", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\""),
           IdempotencyHeader),
    request_body = BulkAdd,
    responses((status = 200, description = "What became of each", body = BulkAdded))
)]
pub async fn add_items(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: Json<BulkAdd>,
) -> Result<HttpResponse, Error> {
    let Json(new) = body;
    let (request, expected) = (idempotency.with_json(&new), if_match.optional());
    let items: Vec<NewItem> = new.items.into();
    let sent: Vec<String> = items.iter().map(|item| item.symbol.clone()).collect();
    let items = items.into_iter().map(|item| known_item(&state, item)).collect();
    let added = watchlists::change_once(&state, user, &id, request, move |connection, owner, id| {
        let appended = append_items(connection, owner, id, &expected, items, false)?;
        let results = sent.into_iter().zip(appended.results).map(|(sent, result)| bulk_result(sent, result)).collect();
        let etag = Some(etag(appended.version));
        let body = BulkAdded { results, version: appended.version };
        Ok((Answer { etag, ..json_answer(StatusCode::OK, &body)? }, Changed(appended.is_changed)))
    });
    added.await
}

fn known_item(state: &AppState, item: NewItem) -> Result<AddItem, Rejection> {
    let NewItem { symbol, note, flag, section, after, position } = item;
    let symbol = find_symbol(&state.market.tickers.load(), &symbol)?;
    Ok(AddItem { symbol, note, flag, section, after, position })
}

fn bulk_result(sent: String, result: Result<Symbol, Rejection>) -> BulkResult {
    match result {
        Ok(symbol) => BulkResult { symbol: symbol.to_string(), status: BulkStatus::Added, code: None, detail: None },
        Err(Rejection { code, detail }) => {
            BulkResult { symbol: sent, status: BulkStatus::Rejected, code: Some(code), detail: Some(detail) }
        }
    }
}

/// Read an item of a watchlist
///
/// The `ETag` is the list's version.
#[utoipa::path(
    get, path = "/api/v1/watchlists/{id}/items/{symbol}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("symbol" = Symbol, Path, description = "The item", example = "AAPL")),
    responses((status = 200, description = "The item", body = WatchlistItem),
              (status = 304, description = "The list has not changed since the ETag in If-None-Match"))
)]
pub async fn get_item(
    request: HttpRequest,
    state: web::Data<AppState>,
    Reader(user): Reader,
    path: web::Path<(WatchlistId, Symbol)>,
) -> Result<HttpResponse, Error> {
    let (id, symbol) = path.into_inner();
    let (db, owner) = (state.db.of(&user.id), user.id.clone());
    let read = db.snapshot(move |connection| item::find_owned(connection, &owner, &id, symbol));
    let (item, version) = read.await?;
    let tag = etag(version);
    if etag::is_not_modified(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(item))
}

/// Change an item's note, flag or section, or move it
#[utoipa::path(
    patch, path = "/api/v1/watchlists/{id}/items/{symbol}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("symbol" = Symbol, Path, description = "The item", example = "AAPL"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\"")),
    request_body(content = ItemPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed item", body = WatchlistItem))
)]
pub async fn update_item(
    state: web::Data<AppState>,
    Writer(user): Writer,
    path: web::Path<(WatchlistId, Symbol)>,
    if_match: IfMatch,
    body: MergePatch<ItemPatch>,
) -> Result<HttpResponse, Error> {
    let ((id, symbol), MergePatch(patch)) = (path.into_inner(), body);
    let (item, version) =
        change(&state, user, &id, if_match, move |connection, list| item::change(connection, list, symbol, patch))
            .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag(version))).json(item))
}

/// Move items of a watchlist together
///
/// They stand after another symbol in the order of the request. It holds on whatever the list has become meanwhile, so
/// that it needs no `If-Match`.
#[utoipa::path(
    post, path = "/api/v1/watchlists/{id}/items/move", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\"")),
    request_body = MoveItems,
    responses((status = 204, description = "They stand there"),
              (status = 422, description = "A symbol is not on the list, named twice, or to stand after itself"))
)]
pub async fn move_items(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    body: Json<MoveItems>,
) -> Result<HttpResponse, Error> {
    let Json(request) = body;
    let ((), version) =
        change(&state, user, &id, if_match, move |connection, list| item::move_all(connection, list, &request)).await?;
    Ok(HttpResponse::NoContent().insert_header((header::ETAG, etag(version))).finish())
}

/// Take a symbol from a watchlist
#[utoipa::path(
    delete, path = "/api/v1/watchlists/{id}/items/{symbol}", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("symbol" = Symbol, Path, description = "The item", example = "AAPL"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\"")),
    responses((status = 204, description = "It is gone"))
)]
pub async fn remove_item(
    state: web::Data<AppState>,
    Writer(user): Writer,
    path: web::Path<(WatchlistId, Symbol)>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let (id, symbol) = path.into_inner();
    let ((), version) =
        change(&state, user, &id, if_match, move |connection, list| item::remove(connection, list, symbol)).await?;
    Ok(HttpResponse::NoContent().insert_header((header::ETAG, etag(version))).finish())
}

/// Changes the items of one of the caller's lists. Also returns the list's new version.
async fn change<T: Send + 'static>(
    state: &AppState,
    user: Caller,
    id: &WatchlistId,
    if_match: IfMatch,
    work: impl FnOnce(&mut DbConnection, &mut Locked) -> DbResult<T> + Send + 'static,
) -> Result<(T, u64), Error> {
    let work =
        |connection: &mut DbConnection, _: &UserId, list: &mut Locked| Ok((work(connection, list)?, list.version()));
    watchlists::change(state, user, id, list_lock::lock, if_match.optional(), work).await
}
