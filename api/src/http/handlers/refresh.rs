//! Exchange of a refresh token for new tokens.

use crate::auth::sessions::RefreshOutcome;
use crate::cluster::events::Event;
use crate::db::audit::{self, NewEvent};
use crate::http::error_codes::{Code, Error};
use crate::http::extractors::body;
use crate::http::sign_in_response::token_response;
use crate::http::state::AppState;
use crate::http::{cookies, origin};
use crate::limits::Client;
use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use watchtape_shared::account::{RefreshToken, SignedIn, Transport};
use watchtape_shared::audit::EventKind;

/// Exchange a refresh token for an access token
///
/// A browser sends its cookie and no body; a program sends the token of the last answer. Each token is used once: its
/// successor comes with the answer. A token that comes back later than ten seconds after its use ends the session.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", request_body = Option<RefreshToken>, security(()),
    responses((status = 200, description = "Refreshed", body = SignedIn),
              (status = 401, description = "The refresh token is good for nothing"))
)]
pub async fn refresh(
    request: HttpRequest,
    client: Client,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let (token, transport) = read_refresh_token(&request, payload.into_inner(), &state).await?;
    let token = token.ok_or_else(invalid_refresh_token)?;
    let sessions = state.auth.sessions.clone();
    let refreshed = state.db.write(move |connection| {
        let refreshed = sessions.refresh(connection, &token, &client.request_info)?;
        if let RefreshOutcome::Reused(user, session) = &refreshed {
            let event = NewEvent::new(EventKind::RefreshTokenReused, user).session(session);
            audit::record(connection, &client.request_info, &event)?;
        }
        Ok(refreshed)
    });
    match refreshed.await? {
        RefreshOutcome::Renewed(opened, user) => {
            Ok(token_response(&state, HttpResponse::Ok(), opened, user, transport))
        }
        RefreshOutcome::Reused(user, _) => {
            state.node.events.publish(Event::AccessChanged(user));
            Err(invalid_refresh_token())
        }
        RefreshOutcome::Unknown => Err(invalid_refresh_token()),
    }
}

/// The refresh token of a request, from its body or else its cookie, and how the next one is to be sent.
async fn read_refresh_token(
    request: &HttpRequest,
    payload: Payload,
    state: &AppState,
) -> Result<(Option<String>, Transport), Error> {
    if let Some(token) = read_body_token(request, payload).await? {
        return Ok((Some(token), Transport::Body));
    }
    // Browsers send cookies on their own, so the request must come from a page of this service.
    origin::check_same_origin(request, &state.web.origins)?;
    Ok((cookies::refresh_token_of(request, state), Transport::Cookie))
}

/// The refresh token in the body; `None` for an empty body.
pub(super) async fn read_body_token(request: &HttpRequest, payload: Payload) -> Result<Option<String>, Error> {
    let body = body::read_body(payload).await?;
    if body.is_empty() {
        return Ok(None);
    }
    let token: RefreshToken = body::parse_json(request, &body)?;
    Ok(Some(token.refresh_token))
}

/// The answer to a refresh token that is unknown, used up or expired.
pub(super) fn invalid_refresh_token() -> Error {
    Error::new(Code::InvalidRefreshToken, "The refresh token is unknown, used up or expired. Sign in again.")
}
