//! The items of a watchlist of the caller's.

use super::{tickers, watchlists};
use crate::auth::{Caller, Writer};
use crate::conditional::{IfMatch, etag};
use crate::db::watchlist::{self, Locked};
use crate::db::{DbConnection, Result as DbResult, item};
use crate::error::Error;
use crate::extract::{Json, MergePatch};
use crate::state::AppState;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use watchtape_shared::watchlist::{AddItem, ItemPatch, WatchlistItem};
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// Put a symbol on a watchlist
///
/// The `ETag` of this and the other answers here is the list's new version.
#[utoipa::path(
    post, path = "/api/v1/watchlists/{id}/items", tag = "watchlists", security(("bearer" = []), ("api_key" = [])),
    params(("id" = WatchlistId, Path, description = "The list"),
           ("If-Match" = Option<String>, Header, description = "Change the list only at this version", example = "\"7\"")),
    request_body = AddItem,
    responses((status = 201, description = "The new item", body = WatchlistItem),
              (status = 409, description = "The symbol is on the list, or the list has 1,000 items"),
              (status = 422, description = "The symbol is not in the catalogue"))
)]
pub async fn add_item(
    state: web::Data<AppState>,
    Writer(user): Writer,
    id: web::Path<WatchlistId>,
    if_match: IfMatch,
    body: Json<AddItem>,
) -> Result<HttpResponse, Error> {
    let Json(new) = body;
    tickers::known(&state, new.symbol).map_err(|error| error.at("/symbol"))?;
    let place = format!("/api/v1/watchlists/{id}/items/{}", new.symbol);
    let (item, version) =
        change(&state, user, &id, if_match, move |connection, list| item::add(connection, list, &new)).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, place))
        .insert_header((header::ETAG, etag(version)))
        .json(item))
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

/// Changes the items of a list of the caller's, and gives the list's new version too.
async fn change<T: Send + 'static>(
    state: &AppState,
    user: Caller,
    id: &WatchlistId,
    if_match: IfMatch,
    work: impl FnOnce(&mut DbConnection, &Locked) -> DbResult<T> + Send + 'static,
) -> Result<(T, u64), Error> {
    let work = |connection: &mut DbConnection, _: &UserId, list: &Locked| Ok((work(connection, list)?, list.version()));
    watchlists::change(state, user, id, watchlist::lock, if_match.optional(), work).await
}
