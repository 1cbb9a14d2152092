//! Signed tokens: short-lived JWTs (RFC 7519, HS256) for access, and the tickets that open a browser's socket.
//! Every claim is checked; a token of one use is nothing for the other.

use super::secret::{Secret, encode};
use crate::ids::random_token;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use watchtape_shared::{SessionId, UserId};

/// Seconds that an access token is good for.
pub const ACCESS_SECONDS: u64 = 600;
/// Seconds that a stream ticket is good for.
pub const TICKET_SECONDS: u64 = 30;

const ISSUER: &str = "watchtape";
const AUDIENCE: &str = "watchtape-api";
const LEEWAY_SECONDS: u64 = 5;

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// The `Authorization` header.
    Access,
    /// The first message of a stream.
    Ticket,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub sub: UserId,
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// What it may be used for.
    pub r#use: Use,
    /// Names this token.
    pub jti: String,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    /// When it ends, in Unix seconds.
    pub exp: u64,
    /// Of a ticket: when the access token ends that it was got with, and with it the socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// Signs tokens with one key, and checks those of the key before or after it as well: a secret can be changed without
/// anybody being signed out.
#[derive(Clone)]
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    /// Each with its name, the signing key's first.
    checking: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl Tokens {
    /// With keys of this secret; tokens by the other secret's are good as well.
    pub fn new(secret: &Secret, other: Option<&Secret>) -> Self {
        let key = secret.key("access tokens");
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key_id(secret));
        let checking = std::iter::once(secret).chain(other);
        let checking = checking.map(|one| (key_id(one), DecodingKey::from_secret(&one.key("access tokens")))).collect();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        Self { header, signing: EncodingKey::from_secret(&key), checking, validation }
    }

    /// An access token for this session.
    pub fn access(&self, user: &UserId, session: &SessionId, now: DateTime<Utc>) -> String {
        self.sign(user, session, Use::Access, now, ACCESS_SECONDS, None)
    }

    /// A ticket for a stream that may stay open until the caller's own token ends.
    pub fn ticket(&self, user: &UserId, session: &SessionId, until: u64, now: DateTime<Utc>) -> String {
        self.sign(user, session, Use::Ticket, now, TICKET_SECONDS, Some(until))
    }

    fn sign(
        &self,
        user: &UserId,
        session: &SessionId,
        r#use: Use,
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

    /// The claims of a token that is ours, for this use, and within its time.
    pub fn check(&self, token: &str, r#use: Use) -> Option<Claims> {
        let named = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (_, key) = self.checking.iter().find(|(id, _)| *id == named)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?;
        (data.claims.r#use == r#use).then_some(data.claims)
    }
}

fn key_id(secret: &Secret) -> String {
    encode(&secret.key("access token key id")[..6])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use chrono::TimeDelta;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&Secret::new(secret).expect("long enough"), None)
    }

    #[test]
    fn a_changed_secret_signs_nobody_out_and_a_dropped_one_does() {
        let old = Secret::new("an installation's secret of last year").expect("long enough");
        let new = Secret::new("an installation's secret of this year").expect("long enough");
        let (user, session, now) = (ids::user(), ids::session(), Utc::now());
        let before = Tokens::new(&old, None).access(&user, &session, now);
        let changed = Tokens::new(&new, Some(&old));
        let after = changed.access(&user, &session, now);
        assert!(changed.check(&before, Use::Access).is_some() && changed.check(&after, Use::Access).is_some());
        // A node that has not changed yet, but knows that it will.
        assert!(Tokens::new(&old, Some(&new)).check(&after, Use::Access).is_some());
        assert!(Tokens::new(&new, None).check(&before, Use::Access).is_none());
        assert!(Tokens::new(&old, None).check(&after, Use::Access).is_none());
    }

    #[test]
    fn a_token_is_good_for_its_use_its_time_and_its_installation() {
        let ours = tokens("an installation's own secret, long enough");
        let (user, session, now) = (ids::user(), ids::session(), Utc::now());
        let token = ours.access(&user, &session, now);
        let claims = ours.check(&token, Use::Access).expect("a fresh token");
        assert_eq!((claims.sub, claims.sid), (user.clone(), session.clone()));
        assert!(ours.check(&token, Use::Ticket).is_none());
        assert!(tokens("another installation's secret, long enough").check(&token, Use::Access).is_none());
        for shift in [TimeDelta::seconds(-606), TimeDelta::seconds(60)] {
            let token = ours.access(&user, &session, now + shift);
            assert!(ours.check(&token, Use::Access).is_none(), "shifted by {shift}");
        }
        let ticket = ours.ticket(&user, &session, 1, now);
        assert!(ours.check(&ticket, Use::Access).is_none());
    }

    #[test]
    fn a_token_with_any_claim_changed_is_refused() {
        let ours = tokens("an installation's own secret, long enough");
        let token = ours.access(&ids::user(), &ids::session(), Utc::now());
        let good = ours.check(&token, Use::Access).expect("a fresh token");
        let spoil: [fn(&mut Claims); 3] = [
            |claims| claims.iss = "another".to_owned(),
            |claims| claims.aud = "another".to_owned(),
            |claims| claims.nbf += 3600,
        ];
        for spoil in spoil {
            let mut claims = good.clone();
            spoil(&mut claims);
            let token = jsonwebtoken::encode(&ours.header, &claims, &ours.signing).expect("signs");
            assert!(ours.check(&token, Use::Access).is_none());
        }
        let mut header = ours.header.clone();
        header.kid = Some("another".to_owned());
        let token = jsonwebtoken::encode(&header, &good, &ours.signing).expect("signs");
        assert!(ours.check(&token, Use::Access).is_none());
        let without_audience = serde_json::json!({"sub": good.sub, "sid": good.sid, "use": "access", "jti": "x",
            "iss": ISSUER, "iat": good.exp, "nbf": 0, "exp": good.exp});
        let token = jsonwebtoken::encode(&ours.header, &without_audience, &ours.signing).expect("signs");
        assert!(ours.check(&token, Use::Access).is_none());
    }
}
