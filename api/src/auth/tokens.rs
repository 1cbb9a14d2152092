//! Access tokens and stream tickets: short-lived JWTs (RFC 7519, HS256). Every claim is validated, and a token of one
//! use is refused for the other. Refresh tokens are no JWTs (`sessions`).

use super::hs256;
use super::secret::{Secret, base64url};
use crate::ids::random_token;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use watchtape_shared::{SessionId, UserId};

/// Lifetime of an access token, in seconds.
pub const ACCESS_SECONDS: u64 = 600;
/// Lifetime of a stream ticket, in seconds.
pub const TICKET_SECONDS: u64 = 30;

const ISSUER: &str = "watchtape";
const AUDIENCE: &str = "watchtape-api";
const LEEWAY_SECONDS: u64 = 5;

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// The `Authorization` header.
    Access,
    /// The first message of a stream.
    Ticket,
}

/// The claims of a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// What it may be used for.
    pub r#use: TokenUse,
    /// The id of this token.
    pub jti: String,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    /// Expiry, in Unix seconds.
    pub exp: u64,
    /// Of a ticket: the expiry of the access token that it was issued for, in Unix seconds. The connection ends then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// Signs tokens with one key, and verifies those of a second key too, so that the secret can be changed without signing
/// anybody out.
#[derive(Clone)]
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    /// By key id (`kid`), the signing key first.
    verification_keys: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl Tokens {
    /// Signs with a key of this secret; tokens signed with the other secret's key are valid too.
    pub fn new(secret: &Secret, other: Option<&Secret>) -> Self {
        hs256::install();
        let key = secret.derive_key("access tokens");
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key_id(secret));
        let verification_keys = std::iter::once(secret).chain(other);
        let verification_keys = verification_keys
            .map(|one| (key_id(one), DecodingKey::from_secret(&one.derive_key("access tokens"))))
            .collect();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        Self { header, signing: EncodingKey::from_secret(&key), verification_keys, validation }
    }

    /// An access token for this session.
    pub fn access(&self, user: &UserId, session: &SessionId, now: DateTime<Utc>) -> String {
        self.sign(user, session, TokenUse::Access, now, ACCESS_SECONDS, None)
    }

    /// A ticket for a connection that may stay open until `until`, in Unix seconds.
    pub fn ticket(&self, user: &UserId, session: &SessionId, until: u64, now: DateTime<Utc>) -> String {
        self.sign(user, session, TokenUse::Ticket, now, TICKET_SECONDS, Some(until))
    }

    fn sign(
        &self,
        user: &UserId,
        session: &SessionId,
        r#use: TokenUse,
        now: DateTime<Utc>,
        seconds: u64,
        until: Option<u64>,
    ) -> String {
        let now = now.timestamp().unsigned_abs();
        let claims = Claims {
            sub: user.clone(),
            sid: session.clone(),
            r#use,
            jti: random_token(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now,
            nbf: now,
            exp: now + seconds,
            until,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing).expect("HS256 signs any claims")
    }

    /// The claims of a token that is signed by this installation, for this use, and neither expired nor not yet valid.
    pub fn verify(&self, token: &str, r#use: TokenUse) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (_, key) = self.verification_keys.iter().find(|(id, _)| *id == kid)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?;
        (data.claims.r#use == r#use).then_some(data.claims)
    }
}

fn key_id(secret: &Secret) -> String {
    base64url(&secret.derive_key("access token key id")[..6])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::ids;
    use chrono::TimeDelta;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&Secret::new(secret).expect("long enough"), None)
    }

    #[test]
    fn a_changed_secret_signs_nobody_out_and_a_dropped_one_does() {
        let old = Secret::new("an installation's secret of last year").expect("long enough");
        let new = Secret::new("an installation's secret of this year").expect("long enough");
        let (user, session, now) = (ids::user(), ids::session(), clock::now());
        let before = Tokens::new(&old, None).access(&user, &session, now);
        let changed = Tokens::new(&new, Some(&old));
        let after = changed.access(&user, &session, now);
        assert!(
            changed.verify(&before, TokenUse::Access).is_some() && changed.verify(&after, TokenUse::Access).is_some()
        );
        // A node that has not changed yet, but knows that it will.
        assert!(Tokens::new(&old, Some(&new)).verify(&after, TokenUse::Access).is_some());
        assert!(Tokens::new(&new, None).verify(&before, TokenUse::Access).is_none());
        assert!(Tokens::new(&old, None).verify(&after, TokenUse::Access).is_none());
    }

    #[test]
    fn a_token_is_good_for_its_use_its_time_and_its_installation() {
        let ours = tokens("an installation's own secret, long enough");
        let (user, session, now) = (ids::user(), ids::session(), clock::now());
        let token = ours.access(&user, &session, now);
        let claims = ours.verify(&token, TokenUse::Access).expect("a fresh token");
        assert_eq!((claims.sub, claims.sid), (user.clone(), session.clone()));
        assert!(ours.verify(&token, TokenUse::Ticket).is_none());
        assert!(tokens("another installation's secret, long enough").verify(&token, TokenUse::Access).is_none());
        for shift in [TimeDelta::seconds(-606), TimeDelta::seconds(60)] {
            let token = ours.access(&user, &session, now + shift);
            assert!(ours.verify(&token, TokenUse::Access).is_none(), "shifted by {shift}");
        }
        let ticket = ours.ticket(&user, &session, 1, now);
        assert!(ours.verify(&ticket, TokenUse::Access).is_none());
    }

    #[test]
    fn a_token_with_any_claim_changed_is_refused() {
        let ours = tokens("an installation's own secret, long enough");
        let token = ours.access(&ids::user(), &ids::session(), clock::now());
        let good = ours.verify(&token, TokenUse::Access).expect("a fresh token");
        let spoil: [fn(&mut Claims); 3] = [
            |claims| claims.iss = "another".to_owned(),
            |claims| claims.aud = "another".to_owned(),
            |claims| claims.nbf += 3600,
        ];
        for spoil in spoil {
            let mut claims = good.clone();
            spoil(&mut claims);
            let token = jsonwebtoken::encode(&ours.header, &claims, &ours.signing).expect("signs");
            assert!(ours.verify(&token, TokenUse::Access).is_none());
        }
        let mut header = ours.header.clone();
        header.kid = Some("another".to_owned());
        let token = jsonwebtoken::encode(&header, &good, &ours.signing).expect("signs");
        assert!(ours.verify(&token, TokenUse::Access).is_none());
        let without_audience = serde_json::json!({"sub": good.sub, "sid": good.sid, "use": "access", "jti": "x",
            "iss": ISSUER, "iat": good.exp, "nbf": 0, "exp": good.exp});
        let token = jsonwebtoken::encode(&ours.header, &without_audience, &ours.signing).expect("signs");
        assert!(ours.verify(&token, TokenUse::Access).is_none());
    }
}
