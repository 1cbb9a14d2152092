//! Destinations of alerts. They need a signed-in session: who holds an API key can send alerts nowhere else.

use crate::auth::SessionUser;
use crate::auth::secret::sha256_hex;
use crate::db::audit::{self, NewEvent};
use crate::db::delivery::{self, Payload};
use crate::db::destination::{self, NewRow, Target};
use crate::db::due_delivery::DueDelivery;
use crate::db::idempotency::Answer;
use crate::db::{DbConnection, guest};
use crate::http::error_codes::{Code, Error};
use crate::http::etag::{self, IfMatch, etag_with_prices};
use crate::http::extractors::{Json, MergePatch};
use crate::http::idempotency::{self, Idempotency, IdempotencyHeader};
use crate::http::state::AppState;
use crate::ids;
use crate::limits::{Client, Policy};
use crate::notify::web_push::SubscriptionKeys;
use crate::notify::webhook::signature::new_secret;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;
use watchtape_shared::destination::{
    Delivery, Destination, DestinationConfirmation, DestinationKind, DestinationPatch, DestinationState,
    DestinationWithSecret, NewDestination, PushKey, WebhookFormat,
};
use watchtape_shared::text::DestinationName;
use watchtape_shared::{DestinationId, Page, UserId};

/// Tests of an account.
const TESTS: Policy = Policy::per_minute("destination-test", 10);
/// Mails that an account has sent to addresses which are to be confirmed.
const CONFIRMATIONS: Policy = Policy { name: "confirmation-mail", quota: 10, window: Duration::from_secs(24 * 3_600) };
/// Such mails to one address, whoever asks for them: strangers must not flood a mailbox.
const CONFIRMATIONS_OF_ADDRESS: Policy =
    Policy { name: "confirmation-mail-address", quota: 3, window: Duration::from_secs(24 * 3_600) };
/// The longest name of a destination, in characters.
const MAX_NAME_CHARS: usize = 64;

/// List your destinations
///
/// Where triggers of alerts are sent, beside the app.
#[utoipa::path(
    get, path = "/api/v1/me/destinations", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "Every destination of yours, the newest first, at most 20", body = Page<Destination>),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn list_destinations(
    state: web::Data<AppState>,
    session_user: SessionUser,
) -> Result<web::Json<Page<Destination>>, Error> {
    let owner = session_user.id.clone();
    let found = state.db.of(&session_user.id).read(move |connection| destination::list(connection, &owner)).await?;
    Ok(web::Json(Page::whole(found)))
}

/// Read a destination
#[utoipa::path(
    get, path = "/api/v1/me/destinations/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination")),
    responses((status = 200, description = "The destination", body = Destination),
              (status = 304, description = "It is as it was"),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn get_destination(
    request: HttpRequest,
    state: web::Data<AppState>,
    session_user: SessionUser,
    id: web::Path<DestinationId>,
) -> Result<HttpResponse, Error> {
    let owner = session_user.id.clone();
    let db = state.db.of(&session_user.id);
    let found = db.read(move |connection| destination::find(connection, &owner, &id));
    let found = found.await?;
    let tag = tag_of(&found)?;
    if etag::is_not_modified(&request, &tag)? {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(found))
}

/// Make a destination
///
/// A webhook of format `standard` is signed: its secret is in this answer and nowhere else. To an `email` address a link is
/// mailed, and nothing else until it is followed.
#[utoipa::path(
    post, path = "/api/v1/me/destinations", tag = "account", request_body = NewDestination, security(("bearer" = [])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The new destination", body = DestinationWithSecret),
              (status = 403, description = "An API key may not do this, nor may a guest but for a browser"),
              (status = 409, description = "`too_many_destinations`: there are 20"),
              (status = 422, description = "`forbidden_url`: the URL is not https, or leads to no public address"),
              (status = 429, description = "Too many requests, or mails to addresses that are to be confirmed"),
              (status = 503, description = "`mail_unavailable`: this server sends no mail"))
)]
pub async fn create_destination(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    idempotency: Idempotency,
    body: Json<NewDestination>,
) -> Result<HttpResponse, Error> {
    let request = idempotency.with_json(&body.0);
    let id = ids::destination();
    let new = new_row(&state, &session_user.id, id.clone(), body.0).await?;
    let secret = match &new.target {
        Target::Webhook { secrets, .. } => secrets.first().cloned(),
        Target::Email { .. } | Target::WebPush { .. } => None,
    };
    let is_mail = new.target.kind() == DestinationKind::Email;
    let may_be_guest = new.target.kind() == DestinationKind::WebPush;
    let (session, caller) = (session_user.session.clone(), session_user.clone());
    let outcome = request.run(&state, &session_user.id, move |connection, owner| {
        caller.recheck(connection)?;
        if !may_be_guest {
            guest::require_registered(connection, owner)?;
        }
        let made = destination::create(connection, owner, new)?;
        if is_mail {
            delivery::queue_confirmation(connection, owner, &made.id)?;
        }
        let detail = made.id.as_str().to_owned();
        let event = NewEvent::new(EventKind::DestinationCreated, owner).session(&session).detail(&detail);
        audit::record(connection, &client.request_info, &event)?;
        let location = Some(format!("/api/v1/me/destinations/{}", made.id));
        let etag = Some(tag_of(&made).map_err(|error| crate::db::Error::Corrupt(error.to_string()))?);
        Ok((Answer { location, etag, ..idempotency::json_answer(StatusCode::CREATED, &made)? }, secret))
    });
    // The stored answer does not have the secret.
    let mut outcome = outcome.await?;
    let made: Destination = serde_json::from_str(&outcome.answer.body).map_err(Error::internal)?;
    let secret = match &outcome.result {
        Some(secret) => secret.clone(),
        None => first_secret(&state, &session_user.id, &made).await?,
    };
    if is_mail && outcome.result.is_some() {
        state.notify.queued.notify_one();
    }
    let shown = DestinationWithSecret { secret, destination: made };
    outcome.answer.body = serde_json::to_string(&shown).map_err(Error::internal)?;
    let mut response = outcome.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Rename, pause or resume a destination
///
/// What waits for a destination when it is paused is not sent later. `"paused": false` has one that was disabled tried again.
#[utoipa::path(
    patch, path = "/api/v1/me/destinations/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination"),
           ("If-Match" = Option<String>, Header, description = "Change it only at this version", example = "\"7\"")),
    request_body(content = DestinationPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed destination", body = Destination),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn update_destination(
    state: web::Data<AppState>,
    session_user: SessionUser,
    id: web::Path<DestinationId>,
    if_match: IfMatch,
    body: MergePatch<DestinationPatch>,
) -> Result<HttpResponse, Error> {
    let (MergePatch(patch), owner, expected) = (body, session_user.id.clone(), if_match.optional());
    let account = session_user.id.clone();
    let db = state.db.of(&account);
    let changed = db.write(move |connection| {
        session_user.recheck(connection)?;
        destination::update(connection, &owner, &id, &patch, &expected)
    });
    let changed = changed.await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag_of(&changed)?)).json(changed))
}

/// Delete a destination
///
/// Nothing is sent there any more, and how its deliveries went is forgotten.
#[utoipa::path(
    delete, path = "/api/v1/me/destinations/{id}", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination"),
           ("If-Match" = Option<String>, Header, description = "Delete it only at this version", example = "\"7\"")),
    responses((status = 204, description = "It is gone"),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn delete_destination(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    id: web::Path<DestinationId>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let (owner, expected) = (session_user.id.clone(), if_match.optional());
    let account = session_user.id.clone();
    let db = state.db.of(&account);
    let deleted = db.write(move |connection| {
        session_user.recheck(connection)?;
        destination::delete(connection, &owner, &id, &expected)?;
        let event = NewEvent::new(EventKind::DestinationDeleted, &owner);
        let event = event.session(&session_user.session).detail(id.as_str());
        audit::record(connection, &client.request_info, &event)
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Send a test to a destination
///
/// It is sent now, once, also to a destination that is paused or disabled; the answer says how it went.
#[utoipa::path(
    post, path = "/api/v1/me/destinations/{id}/test", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination")),
    responses((status = 200, description = "How it went", body = Delivery),
              (status = 403, description = "An API key may not do this"),
              (status = 409, description = "`destination_unconfirmed`: the address is not confirmed yet"),
              (status = 429, description = "Too many requests, or more than 10 tests in a minute"))
)]
pub async fn test_destination(
    state: web::Data<AppState>,
    session_user: SessionUser,
    id: web::Path<DestinationId>,
) -> Result<web::Json<Delivery>, Error> {
    take(&state, &TESTS, session_user.id.as_str(), "Tests are for finding out: wait a moment.").await?;
    let (account, id) = (session_user.id.clone(), id.into_inner());
    let (owner, of) = (session_user.id.clone(), id.clone());
    let db = state.db.of(&account);
    let begun = db.write(move |connection| {
        session_user.recheck(connection)?;
        let recipient = destination::recipient(connection, &owner, &of)?;
        if recipient.state == DestinationState::Unconfirmed {
            return Ok(None);
        }
        Ok(Some((delivery::insert_test(connection, &owner, &of)?, recipient)))
    });
    let (delivery_id, recipient) = begun.await?.ok_or_else(|| {
        Error::new(Code::DestinationUnconfirmed, "Follow the link that was mailed to the address first.")
    })?;
    let due = DueDelivery { id: delivery_id, payload: Payload::Test, tries: 0, recipient: Arc::new(recipient) };
    let task_state = state.clone();
    // Written also where the caller does not wait.
    let sent = actix_web::rt::spawn(async move {
        let tried = task_state.notify.senders.try_once(&due).await;
        let db = task_state.db.of(&account);
        let owner = account.clone();
        let settled = db.write(move |connection| {
            delivery::settle_test(connection, &due.id, &due.recipient.id, &tried)?;
            delivery::find(connection, &owner, &due.id)
        });
        settled.await
    });
    Ok(web::Json(sent.await.map_err(Error::internal)??))
}

/// Replace the secret of a webhook
///
/// For 24 hours both sign: the new one first, then the last one.
#[utoipa::path(
    post, path = "/api/v1/me/destinations/{id}/rotate-secret", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination")),
    responses((status = 200, description = "The destination and its new secret", body = DestinationWithSecret),
              (status = 403, description = "An API key may not do this"),
              (status = 409, description = "`destination_unsigned`: what is sent there is not signed"))
)]
pub async fn rotate_destination_secret(
    state: web::Data<AppState>,
    session_user: SessionUser,
    client: Client,
    id: web::Path<DestinationId>,
) -> Result<HttpResponse, Error> {
    let (account, owner, secret) = (session_user.id.clone(), session_user.id.clone(), new_secret());
    let shown = secret.clone();
    let db = state.db.of(&account);
    let rotated = db.write(move |connection| {
        session_user.recheck(connection)?;
        let rotated = destination::rotate_secret(connection, &owner, &id, &secret)?;
        if rotated.is_some() {
            let event = NewEvent::new(EventKind::DestinationSecretRotated, &owner);
            let event = event.session(&session_user.session).detail(id.as_str());
            audit::record(connection, &client.request_info, &event)?;
        }
        Ok(rotated)
    });
    let destination = rotated.await?.ok_or_else(|| {
        Error::new(Code::DestinationUnsigned, "Only webhooks of format standard are signed, and have a secret.")
    })?;
    let answer = DestinationWithSecret { secret: Some(shown), destination };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// List the last deliveries to a destination
#[utoipa::path(
    get, path = "/api/v1/me/destinations/{id}/deliveries", tag = "account", security(("bearer" = [])),
    params(("id" = DestinationId, Path, description = "The destination")),
    responses((status = 200, description = "The last 100, the newest first, those to come included", body = Page<Delivery>),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn list_deliveries(
    state: web::Data<AppState>,
    session_user: SessionUser,
    id: web::Path<DestinationId>,
) -> Result<web::Json<Page<Delivery>>, Error> {
    let owner = session_user.id.clone();
    let db = state.db.of(&session_user.id);
    let found = db.snapshot(move |connection| delivery::list(connection, &owner, &id)).await?;
    Ok(web::Json(Page::whole(found)))
}

/// Read the server's key for push messages
///
/// What a browser subscribes with (`applicationServerKey`).
#[utoipa::path(
    get, path = "/api/v1/me/push-key", tag = "account", security(("bearer" = [])),
    responses((status = 200, description = "The key", body = PushKey),
              (status = 403, description = "An API key may not do this"))
)]
pub async fn get_push_key(state: web::Data<AppState>, _session_user: SessionUser) -> web::Json<PushKey> {
    web::Json(PushKey { public_key: state.notify.senders.vapid.public_key() })
}

/// Confirm an address for alerts
///
/// The token is what the mailed link has after `#token=`. Whoever has it reads the mailbox: no sign-in is needed.
#[utoipa::path(
    post, path = "/api/v1/destinations/confirm", tag = "account", request_body = DestinationConfirmation, security(()),
    responses((status = 204, description = "Alerts are mailed to the address from now on"),
              (status = 422, description = "`invalid_confirmation`: the link is unknown or expired"))
)]
pub async fn confirm_destination(
    state: web::Data<AppState>,
    body: Json<DestinationConfirmation>,
) -> Result<HttpResponse, Error> {
    let hash = sha256_hex(&body.0.token);
    if !state.db.write(move |connection| destination::confirm(connection, &hash)).await? {
        let detail = "This link is unknown or expired. Add the address again for a new one.";
        return Err(Error::new(Code::InvalidConfirmation, detail).at("/token"));
    }
    Ok(HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// Pause a destination by one click in a mail
///
/// The address in the `List-Unsubscribe` field of each alert's mail (RFC 8058): mail programs post to it. No sign-in is needed, and
/// the body, `List-Unsubscribe=One-Click`, is not read. The owner resumes the destination in the app.
#[utoipa::path(
    post, path = "/api/v1/destinations/{key}/pause", tag = "account", security(()),
    params(("key" = String, Path, description = "Names the destination, as the mail has it",
            example = "dst_01kaq2f8s5e8rvm0r2j5c4n6xt.xxxxxxxxxxxxxxxxxxxxxx")),
    responses((status = 204, description = "It is paused, or was so already, or is gone"))
)]
pub async fn pause_destination_by_mail(
    state: web::Data<AppState>,
    key: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let id = state.notify.links.paused_by(&key).ok_or_else(|| Error::not_found("destination"))?;
    state.db.write(move |connection| destination::pause(connection, &id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The entity tag: the version, then the hash of what changes without one.
fn tag_of(destination: &Destination) -> Result<String, Error> {
    etag_with_prices(destination.version, &(destination.failing_since, destination.last_delivered_at))
}

/// Takes a token of this policy; 429 where there is none.
async fn take(state: &AppState, policy: &Policy, key: &str, detail: &'static str) -> Result<(), Error> {
    let status = state.auth.limiter.take(policy, key).await;
    if status.is_allowed {
        return Ok(());
    }
    Err(Error::new(Code::TooManyRequests, detail).retry_after(status.resets_in))
}

/// What is stored of a new destination, after everything about it that can be checked was.
async fn new_row(state: &AppState, owner: &UserId, id: DestinationId, new: NewDestination) -> Result<NewRow, Error> {
    let checked = |url: &str, pointer: &'static str| {
        let forbidden = |error| Error::new(Code::ForbiddenUrl, capitalized(&format!("{error}."))).at(pointer);
        state.notify.senders.outbound.check(url).map_err(forbidden)
    };
    Ok(match new {
        NewDestination::Webhook { name, url, format } => {
            let url = checked(&url, "/url")?;
            let name = name.unwrap_or_else(|| name_of(url.host_str().unwrap_or_default()));
            let secrets = if format == WebhookFormat::Standard { vec![new_secret()] } else { Vec::new() };
            NewRow { id, name, target: Target::Webhook { url: url.into(), format, secrets }, confirm_hash: None }
        }
        NewDestination::Email { name, address } => {
            if state.notify.senders.mails.is_none() {
                let detail = "This server sends no mail: its operator has named no mail server.";
                return Err(Error::new(Code::MailUnavailable, detail));
            }
            check_mail_limits(state, owner, &address).await?;
            let confirm_hash = Some(sha256_hex(&state.notify.links.confirmation_token(&id)));
            let name = name.unwrap_or_else(|| name_of(address.as_str()));
            NewRow { id, name, target: Target::Email { address }, confirm_hash }
        }
        NewDestination::WebPush { name, endpoint, keys } => {
            let url = checked(&endpoint, "/endpoint")?;
            if let Err(member) = SubscriptionKeys::parse(&keys) {
                let detail = "The keys are those of a browser's push subscription.";
                return Err(Error::new(Code::Invalid, detail).at(format!("/keys/{member}")));
            }
            let name = name.unwrap_or_else(|| name_of(url.host_str().unwrap_or_default()));
            let target = Target::WebPush { endpoint: url.into(), p256dh: keys.p256dh, auth: keys.auth };
            NewRow { id, name, target, confirm_hash: None }
        }
    })
}

async fn check_mail_limits(state: &AppState, owner: &UserId, address: &Email) -> Result<(), Error> {
    let detail = "Too many mails were asked for today, by you or to this address.";
    take(state, &CONFIRMATIONS, owner.as_str(), detail).await?;
    take(state, &CONFIRMATIONS_OF_ADDRESS, &sha256_hex(&address.to_ascii_domain()), detail).await
}

/// The secret that the destination of a stored answer was made with; 422 where it was replaced since, or is gone.
async fn first_secret(state: &AppState, owner: &UserId, made: &Destination) -> Result<Option<String>, Error> {
    if made.format != Some(WebhookFormat::Standard) {
        return Ok(None);
    }
    let (account, id) = (owner.clone(), made.id.clone());
    let read = move |connection: &mut DbConnection| match destination::first_secret(connection, &account, &id) {
        Err(crate::db::Error::NotFound(_)) => Ok(None),
        found => found,
    };
    let found = state.db.of(owner).read(read).await?;
    let gone = || Error::new(Code::IdempotencyKeyReused, "The secret that was made then cannot be shown again.");
    found.map(Some).ok_or_else(gone)
}

/// A name made of the first characters of a text.
fn name_of(text: &str) -> DestinationName {
    let short: String = text.chars().take(MAX_NAME_CHARS).collect();
    DestinationName::parse(&short).unwrap_or_else(|_| DestinationName::parse("Destination").expect("a name"))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
