//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again, because its answer was
//! lost, takes effect once and is answered alike.
//!
//! The key is the account's. The answer is stored in the transaction of the effect; a request that fails leaves nothing
//! behind, so that it may be tried again under the same key.

use super::error_codes::{Code, Error};
use super::idempotency_key::Key;
use super::state::AppState;
use crate::auth::secret::sha256_hex_of;
use crate::db::idempotency::{self, Answer};
use crate::db::{self, DbConnection};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use std::future::{Ready, ready};
use watchtape_shared::UserId;

/// The request's header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says that an answer is that of an earlier request.
pub const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

/// The header as the OpenAPI document describes it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyHeader {
    /// Names this request among yours, in 1 to 255 visible ASCII characters: sent again with it within 24 hours, it
    /// takes effect once and is answered alike, with `Idempotency-Replayed: true`.
    #[param(
        rename = "Idempotency-Key",
        pattern = r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\])+")$"#,
        example = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""
    )]
    pub key: Option<String>,
}

/// The key of a request, if it has one, and which request it is.
pub struct Idempotency {
    key: Option<Key>,
    target: String,
}

impl FromRequest for Idempotency {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(key_of(request).map(|key| Self { key, target: format!("{} {}", request.method(), request.path()) }))
    }
}

fn key_of(request: &HttpRequest) -> Result<Option<Key>, Error> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().and_then(Key::parse).filter(|_| values.next().is_none());
    let refused = || Error::new(Code::BadRequest, "Idempotency-Key is one text of 1 to 255 visible ASCII characters.");
    key.map(Some).ok_or_else(refused)
}

impl Idempotency {
    /// The request with this body, which its type makes the same text however it was written.
    pub fn of_json(self, body: &impl Serialize) -> Once {
        // A body that cannot be written has not been read either.
        self.of_body("application/json", &serde_json::to_vec(body).unwrap_or_default())
    }

    /// The request with just this body.
    pub fn of_body(self, media_type: &str, body: &[u8]) -> Once {
        let Self { key, target } = self;
        let hash = || sha256_hex_of(&[target.as_bytes(), b"\n", media_type.as_bytes(), b"\n", body]);
        Once(key.map(|key| (key, hash())))
    }
}

/// A request that is to take effect once, by its key and the fingerprint of what it asks for; at each try where it has
/// no key.
#[derive(Clone)]
pub struct Once(Option<(Key, String)>);

/// An answered request.
pub struct Done<T> {
    /// What it is answered with. Its body is what is stored.
    pub answer: Answer,
    /// What else the work gave; nothing where this is an earlier request's answer.
    pub fresh: Option<T>,
}

impl Once {
    /// Whether the request has a key, and may be repeated under it.
    pub fn may_repeat(&self) -> bool {
        self.0.is_some()
    }

    /// A request that is carried out at each try.
    pub fn without_key() -> Self {
        Self(None)
    }

    /// Notes, in the transaction that opens this account, that the request did. What it was answered with is a secret,
    /// and is made anew where the request is sent again.
    pub fn note(&self, connection: &mut DbConnection, owner: &UserId) -> db::Result<()> {
        let Some((key, hash)) = &self.0 else { return Ok(()) };
        idempotency::claim(connection, owner, key.as_str(), hash)
    }

    /// Whether it was this very request that opened this account.
    pub fn is_noted(&self, connection: &mut DbConnection, owner: &UserId) -> db::Result<bool> {
        let Some((key, hash)) = &self.0 else { return Ok(false) };
        Ok(idempotency::find(connection, owner, key.as_str(), hash)?.is_some())
    }

    /// Carries the request out for this owner in one transaction, or finds what it was answered with before.
    pub async fn run<T: Send + 'static>(
        self,
        state: &AppState,
        owner: &UserId,
        work: impl FnOnce(&mut DbConnection, &UserId) -> db::Result<(Answer, T)> + Send + 'static,
    ) -> Result<Done<T>, Error> {
        let owner = owner.clone();
        let Some((key, hash)) = self.0 else {
            let (answer, fresh) = state.db.write(move |connection| work(connection, &owner)).await?;
            return Ok(Done { answer, fresh: Some(fresh) });
        };
        let _turn = state.web.requests_under_way.enter(&owner, &key)?;
        let done = state.db.write(move |connection| {
            if let Some(answer) = idempotency::find(connection, &owner, key.as_str(), &hash)? {
                return Ok(Done { answer, fresh: None });
            }
            idempotency::claim(connection, &owner, key.as_str(), &hash)?;
            let (answer, fresh) = work(connection, &owner)?;
            idempotency::complete(connection, &owner, key.as_str(), &answer)?;
            Ok(Done { answer, fresh: Some(fresh) })
        });
        Ok(done.await?)
    }
}

impl<T> Done<T> {
    /// The answer, marked where it is an earlier request's.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.answer.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.answer.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.fresh.is_none() {
            response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
        }
        response.content_type("application/json").body(self.answer.body)
    }
}

/// An answer of JSON, as it is stored and sent.
pub fn answer(status: StatusCode, body: &impl Serialize) -> db::Result<Answer> {
    let body = serde_json::to_string(body).map_err(|error| db::Error::Corrupt(error.to_string()))?;
    Ok(Answer { status: status.as_u16(), location: None, etag: None, body })
}
