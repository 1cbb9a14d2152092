//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is retried takes effect once, and the retry
//! gets the stored answer.
//!
//! Keys belong to an account. The answer is stored in the transaction of the effect; a request that fails stores nothing,
//! so it can be retried with the same key.

use super::error_codes::{Code, Error};
use super::idempotency_key::IdempotencyKey;
use super::routed_path::routed_path;
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

/// The request header, in lower case.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The response header of a stored answer.
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

/// The key of a request, if any, with the method and path it was sent to. Needs the body to become an [`IdempotentRequest`].
pub struct Idempotency {
    key: Option<IdempotencyKey>,
    target: String,
}

impl FromRequest for Idempotency {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(key_of(request).map(|key| Self { key, target: format!("{} {}", request.method(), routed_path(request)) }))
    }
}

fn key_of(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Error> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().and_then(IdempotencyKey::parse).filter(|_| values.next().is_none());
    let refused = || Error::new(Code::BadRequest, "Idempotency-Key is one text of 1 to 255 visible ASCII characters.");
    key.map(Some).ok_or_else(refused)
}

impl Idempotency {
    /// The request with this JSON body. The body is serialised again, so that formatting makes no difference.
    pub fn with_json(self, body: &impl Serialize) -> IdempotentRequest {
        // Bodies were deserialised before, so they can be serialised.
        self.with_body("application/json", &serde_json::to_vec(body).unwrap_or_default())
    }

    /// The request with exactly this body.
    pub fn with_body(self, media_type: &str, body: &[u8]) -> IdempotentRequest {
        let Self { key, target } = self;
        let hash = || sha256_hex_of(&[target.as_bytes(), b"\n", media_type.as_bytes(), b"\n", body]);
        IdempotentRequest(key.map(|key| (key, hash())))
    }
}

/// A request that takes effect once, identified by its key and the hash of method, path, media type and body. Without a key
/// every attempt takes effect.
#[derive(Clone)]
pub struct IdempotentRequest(Option<(IdempotencyKey, String)>);

/// The outcome of an idempotent request.
pub struct Outcome<T> {
    /// The answer, as it is stored.
    pub answer: Answer,
    /// The result of the work; `None` if the answer is a stored one.
    pub result: Option<T>,
}

impl IdempotentRequest {
    /// Whether the request has a key.
    pub fn has_key(&self) -> bool {
        self.0.is_some()
    }

    /// A request that takes effect at every attempt.
    pub fn without_key() -> Self {
        Self(None)
    }

    /// Runs the work for this owner in one transaction, or returns the stored answer. While another request with the same
    /// key runs on this node, answers 409.
    pub async fn run<T: Send + 'static>(
        self,
        state: &AppState,
        owner: &UserId,
        work: impl FnOnce(&mut DbConnection, &UserId) -> db::Result<(Answer, T)> + Send + 'static,
    ) -> Result<Outcome<T>, Error> {
        let owner = owner.clone();
        let Some((key, hash)) = self.0 else {
            let account = owner.clone();
            let (answer, result) = state.db.of(&account).write(move |connection| work(connection, &owner)).await?;
            return Ok(Outcome { answer, result: Some(result) });
        };
        let _running = state.web.running_requests.start(&owner, &key)?;
        let account = owner.clone();
        let db = state.db.of(&account);
        let outcome = db.write(move |connection| {
            if let Some(answer) = idempotency::find(connection, &owner, key.as_str(), &hash)? {
                return Ok(Outcome { answer, result: None });
            }
            idempotency::claim(connection, &owner, key.as_str(), &hash)?;
            let (answer, result) = work(connection, &owner)?;
            idempotency::complete(connection, &owner, key.as_str(), &answer)?;
            Ok(Outcome { answer, result: Some(result) })
        });
        Ok(outcome.await?)
    }
}

impl<T> Outcome<T> {
    /// The response, with `Idempotency-Replayed` if the answer is a stored one.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.answer.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.answer.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.result.is_none() {
            response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
        }
        response.content_type("application/json").body(self.answer.body)
    }
}

/// A JSON answer, without `Location` and `ETag`.
pub fn json_answer(status: StatusCode, body: &impl Serialize) -> db::Result<Answer> {
    let body = serde_json::to_string(body).map_err(|error| db::Error::Corrupt(error.to_string()))?;
    Ok(Answer { status: status.as_u16(), location: None, etag: None, body })
}
