//! Login throttling: failed attempts take tokens from the buckets of `rules`. Buckets refill evenly, so a refused
//! client waits for seconds; no account is ever locked.
//!
//! - A browser with a device cookie and a signed-in session have buckets of their own, so that an attack on the account
//!   does not keep its owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//! - An attempt under way counts as a failure until it has succeeded, so that parallel attempts gain nothing
//!   (`concurrency`).
//! - A repeated wrong password is answered from memory, after a delay (`recent_failures`): it costs neither tokens nor
//!   a hash.
//! - An address without an account is handled in the same way, and takes the same time, as one with an account.

mod attempt;
mod audit_log;
mod concurrency;
mod recent_failures;
mod rules;

pub use concurrency::Permit;

use super::password_hashing::HashAge;
use super::secret::{Secret, base64url, hmac_sha256};
use super::{Auth, Error, SessionUser};
use crate::db;
use crate::db::user::{self, Credentials};
use crate::limits::{Client, Policy};
use attempt::{Attempt, Recognised};
use audit_log::AuditLog;
use concurrency::ConcurrencyLimits;
use recent_failures::RecentFailures;
use rules::{Budget, CONCURRENT_PER_ADDRESS};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::audit::EventKind;

/// How long the answer to a repeated wrong password is delayed.
const REPEAT_DELAY: Duration = Duration::from_millis(250);
/// Answers that may be delayed at a time; more are refused.
const MAX_DELAYED: usize = 64;

/// The state of login throttling.
pub struct LoginThrottle {
    per_minute: u32,
    account_key: [u8; 32],
    concurrency: ConcurrencyLimits,
    recent_failures: RecentFailures,
    delayed: Semaphore,
    audit_log: AuditLog,
}

/// An account whose password was right.
pub struct Verified {
    /// The account.
    pub credentials: Credentials,
    /// Whether its hash is to be made anew.
    pub hash_age: HashAge,
}

/// Verifies the password of a sign-in. `device_cookie` is the value that the browser sent. [`Error::WrongCredentials`]
/// for a wrong password, an unknown address and a disabled account alike; [`Error::TooManyFailures`] or
/// [`Error::TooManyAtOnce`] over a limit.
pub async fn sign_in(
    auth: &Arc<Auth>,
    client: &Client,
    device_cookie: Option<String>,
    email: Email,
    password: Password,
) -> Result<Verified, Error> {
    let account = auth.login_throttle.account_bucket(&email);
    let found = auth.db.read(move |connection| user::find_by_email(connection, &email)).await?;
    let owner = found.as_ref().map(|found| &found.user.id);
    let device = owner.zip(device_cookie).and_then(|(owner, cookie)| auth.device_cookies.verify(owner, &cookie));
    let recognised = device.map_or(Recognised::No, Recognised::Device);
    let attempt = Attempt { account, address: client.bucket_key(), recognised, found };
    verify_password(auth, client, attempt, password).await?.ok_or(Error::WrongCredentials)
}

/// Verifies the password of a signed-in user again, before a sensitive operation. [`db::Error::Guest`] for a guest, who
/// has none; [`Error::PasswordMissing`] without one, [`Error::WrongPassword`] for a wrong one, else as [`sign_in`].
pub async fn reauthenticate(
    auth: &Arc<Auth>,
    client: &Client,
    user: &SessionUser,
    password: Option<Password>,
) -> Result<Credentials, Error> {
    let owner = user.id.clone();
    let found = auth.db.read(move |connection| user::find_credentials(connection, &owner)).await?;
    let found = found.ok_or(db::Error::Guest)?;
    let password = password.ok_or(Error::PasswordMissing)?;
    let account = auth.login_throttle.account_bucket(&found.email);
    let recognised = Recognised::Session(user.session.clone());
    let attempt = Attempt { account, address: client.bucket_key(), recognised, found: Some(found) };
    let verified = verify_password(auth, client, attempt, password).await?;
    verified.map(|verified| verified.credentials).ok_or(Error::WrongPassword)
}

async fn verify_password(
    auth: &Arc<Auth>,
    client: &Client,
    attempt: Attempt,
    password: Password,
) -> Result<Option<Verified>, Error> {
    let throttle = &auth.login_throttle;
    let is_on = throttle.per_minute > 0;
    let guess = attempt.fingerprint(&password);
    if is_on && throttle.recent_failures.contains(&guess) {
        let permit = throttle.delayed.try_acquire().map_err(|_| Error::TooManyAtOnce)?;
        tokio::time::sleep(REPEAT_DELAY).await;
        drop(permit);
        return Ok(None);
    }
    let budgets = rules::budgets_of(&attempt, throttle.per_minute);
    let permit = match throttle.admit(auth, &budgets).await {
        Ok(permit) => permit,
        Err(Error::TooManyFailures(wait)) => {
            throttle.record_refusal(auth, client, &attempt).await;
            return Err(Error::TooManyFailures(wait));
        }
        Err(error) => return Err(error),
    };
    // In its own task, which runs to the end: the attempt counts even if the client disconnects.
    let (auth, request_info) = (auth.clone(), client.request_info.clone());
    let work = async move {
        let owner = attempt.found.as_ref().map(|found| found.user.id.clone());
        let verified = verify_hash(&auth, attempt.found, password).await?;
        if verified.is_none() {
            for budget in &budgets {
                auth.limiter.take(&budget.policy, &budget.key).await;
            }
            let throttle = &auth.login_throttle;
            if is_on {
                throttle.recent_failures.insert(&guess);
            }
            tracing::info!(known = owner.is_some(), "a sign-in failed");
            if let Some(owner) = owner {
                throttle.audit_log.write_later(
                    &auth.db,
                    request_info,
                    owner,
                    attempt.recognised,
                    EventKind::SignInFailed,
                );
            }
        }
        drop(permit);
        Ok(verified)
    };
    actix_web::rt::spawn(work.in_current_span()).await.map_err(|error| Error::Internal(error.to_string()))?
}

async fn verify_hash(auth: &Auth, found: Option<Credentials>, password: Password) -> Result<Option<Verified>, Error> {
    let stored = found.as_ref().map(|found| found.password_hash.clone());
    let hash_age = auth.passwords.verify(password, stored).await?;
    let verified = found.zip(hash_age).map(|(credentials, hash_age)| Verified { credentials, hash_age });
    Ok(verified.filter(|verified| verified.credentials.enabled))
}

impl LoginThrottle {
    /// With so many failures a minute for an account from a client address; 0: no limit.
    pub fn new(per_minute: u32, secret: &Secret) -> Self {
        Self {
            per_minute,
            account_key: secret.derive_key("accounts' names in limits"),
            concurrency: ConcurrencyLimits::default(),
            recent_failures: RecentFailures::default(),
            delayed: Semaphore::new(MAX_DELAYED),
            audit_log: AuditLog::default(),
        }
    }

    /// A permit to hash a new password. [`Error::TooManyAtOnce`] where the client address has none left.
    pub fn hashing_permit(&self, client: &Client) -> Result<Permit, Error> {
        let max = if self.per_minute == 0 { u32::MAX } else { CONCURRENT_PER_ADDRESS };
        let acquired = self.concurrency.acquire([(format!("address {}", client.bucket_key()), max)]);
        acquired.map(|(permit, _)| permit).ok_or(Error::TooManyAtOnce)
    }

    /// The account's bucket key: a keyed hash, so that no e-mail address is stored with the buckets.
    fn account_bucket(&self, email: &Email) -> String {
        base64url(&hmac_sha256(&self.account_key, email.as_str().as_bytes())[..16])
    }

    /// A permit within each budget. [`Error::TooManyFailures`] or [`Error::TooManyAtOnce`] where one is used up.
    async fn admit(&self, auth: &Auth, budgets: &[Budget]) -> Result<Permit, Error> {
        let keys = budgets.iter().map(|budget| (format!("{} {}", budget.policy.name, budget.key), budget.concurrent));
        let (permit, counts) = self.concurrency.acquire(keys).ok_or(Error::TooManyAtOnce)?;
        for (budget, under_way) in budgets.iter().zip(counts) {
            let status = auth.limiter.peek(&budget.policy, &budget.key).await;
            if !status.is_allowed {
                return Err(Error::TooManyFailures(status.resets_in));
            }
            if status.remaining < under_way {
                return Err(Error::TooManyAtOnce);
            }
        }
        Ok(permit)
    }

    /// Writes the first refusal of a minute to the account's audit log.
    async fn record_refusal(&self, auth: &Auth, client: &Client, attempt: &Attempt) {
        const FIRST: Policy = Policy::per_minute("login-refused", 1);
        let Some(found) = &attempt.found else { return };
        if auth.limiter.take(&FIRST, &attempt.account).await.is_allowed {
            let (request_info, owner) = (client.request_info.clone(), found.user.id.clone());
            self.audit_log.write_later(&auth.db, request_info, owner, Recognised::No, EventKind::SignInThrottled);
        }
    }
}
