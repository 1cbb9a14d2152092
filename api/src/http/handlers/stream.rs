//! Tickets for the price stream, and its WebSocket handshake. The protocol is in `stream::connection`.

use crate::auth::SessionUser;
use crate::auth::tokens::TICKET_SECONDS;
use crate::clock;
use crate::http::client_address::client_of;
use crate::http::error_codes::Error;
use crate::http::extractors::caller::caller_of;
use crate::http::origin;
use crate::http::state::AppState;
use crate::stream::connection;
use crate::stream::worker::Worker;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use std::rc::Rc;
use watchtape_shared::stream::StreamTicket;

/// Get a ticket for the stream
///
/// A browser cannot send headers with a WebSocket handshake: it sends this ticket in its first message. Good for one
/// connection, within 30 seconds.
#[utoipa::path(
    post, path = "/api/v1/stream/tickets", tag = "stream", security(("bearer" = [])),
    responses((status = 201, description = "A new ticket", body = StreamTicket))
)]
pub async fn create_stream_ticket(state: web::Data<AppState>, user: SessionUser) -> HttpResponse {
    let ticket = state.auth.tokens.ticket(&user.id, &user.session, user.token_expires_at, clock::now());
    HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(StreamTicket { ticket, expires_in: TICKET_SECONDS })
}

/// Open the price stream
///
/// A WebSocket with the subprotocol `watchtape.v1`; its messages are described in docs/stream.md. Programs send
/// `Authorization: Bearer` with the handshake, an access token or an API key; browsers send a ticket in their first message within 5 seconds.
#[utoipa::path(
    get, path = "/api/v1/stream", tag = "stream", security(("bearer" = []), ("api_key" = []), ()),
    responses((status = 101, description = "The connection is a WebSocket from here on"),
              (status = 400, description = "Not a WebSocket handshake"),
              (status = 403, description = "A page of another origin"))
)]
pub async fn open_stream(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    worker: web::Data<Rc<Worker>>,
) -> Result<HttpResponse, Error> {
    origin::check_listed_origin(&request, &state.web.origins)?;
    let user = caller_of(&request, &state).await?;
    let client = client_of(&request, &state.web.proxies);
    Ok(connection::open(&request, payload, &state.stream, &worker, &client, user)?)
}
