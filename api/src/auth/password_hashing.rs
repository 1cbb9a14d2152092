//! Password hashes: argon2id with 46 MiB, one pass and one lane, the first of OWASP's equivalent configurations
//! (Password Storage Cheat Sheet). A hash costs about 30 ms of one core, so hashing runs off the worker threads, on at
//! most half of the cores.

use super::{Error, password_strength};
use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier, Version};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::text::DisplayName;

const MEMORY_KIB: u32 = 46 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// How long a hash waits for a permit.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Hashes that may wait for or hold a permit: more could not be served within [`PERMIT_TIMEOUT`].
const MAX_WAITING: usize = 256;

/// Whether a hash that a password matches is as a new one would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAge {
    /// It is.
    Current,
    /// It has other parameters, or is of the password as it was typed and not of its normalised form: it is to be made anew.
    Outdated,
}

/// Creates and verifies password hashes.
#[derive(Clone)]
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Verified where there is no account, so that an unknown address takes as long as a wrong password.
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// On a machine with `cores` cores: half of them hash at a time, the others stay free for requests.
    pub fn new(cores: usize) -> Self {
        let decoy = hash("a password that nobody has").expect("the parameters are argon2's own");
        Self {
            permits: Arc::new(Semaphore::new((cores / 2).max(1))),
            queue: Arc::new(Semaphore::new(MAX_WAITING)),
            decoy: decoy.into(),
        }
    }

    /// How many hashes are made or waited for now.
    pub fn waiting(&self) -> usize {
        MAX_WAITING - self.queue.available_permits()
    }

    /// The PHC string of a password. [`Error::Overloaded`] where no permit is free in time.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.with_permit(move || hash(password.normalised().expose())).await?.ok_or(Error::Overloaded)
    }

    /// The PHC string of a new password. [`Error::WeakPassword`] where it is too weak, given the account's address and
    /// name.
    pub async fn hash_new(&self, password: Password, email: &Email, name: &DisplayName) -> Result<String, Error> {
        let (email, name) = (email.clone(), name.clone());
        let hashed = self.with_permit(move || {
            password_strength::check(&password, &[email.as_str(), name.as_str()]).map(|()| hash(password.expose()))
        });
        hashed.await??.ok_or(Error::Overloaded)
    }

    /// Whether the password matches the stored hash; without a hash it takes as long and is `None`.
    ///
    /// Older versions hashed what was typed. That is compared too where it is not the normalised password, so that whoever
    /// types the same as ever signs in.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Option<HashAge>, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let age = self.with_permit(move || {
            let stored = PasswordHash::new(&stored).ok()?;
            let matches = |password: &Password| argon2().verify_password(password.expose().as_bytes(), &stored).is_ok();
            let normalised = password.normalised();
            if matches(&normalised) {
                Some(if has_other_parameters(&stored) { HashAge::Outdated } else { HashAge::Current })
            } else {
                (normalised.expose() != password.expose() && matches(&password)).then_some(HashAge::Outdated)
            }
        });
        Ok(age.await?.filter(|_| known))
    }

    async fn with_permit<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _queued = self.queue.try_acquire().map_err(|_| Error::Overloaded)?;
        let permit = tokio::time::timeout(PERMIT_TIMEOUT, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Overloaded) };
        // The permit moves with the work: a client that disconnects does not free it while the hash still runs.
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| Error::Overloaded)
    }
}

fn has_other_parameters(stored: &PasswordHash) -> bool {
    let params = Params::try_from(stored).map(|params| (params.m_cost(), params.t_cost(), params.p_cost()));
    stored.algorithm != ARGON2ID_IDENT || params.ok() != Some((MEMORY_KIB, PASSES, LANES))
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Option<String> {
    argon2().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).expect("long enough")
    }

    #[actix_web::test]
    async fn a_hash_holds_for_its_password_alone_and_names_its_cost() {
        let passwords = PasswordHasher::new(2);
        let stored = passwords.hash(password("correct horse")).await.expect("a permit");
        assert!(stored.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{stored}");
        let verdict = async |text| passwords.verify(password(text), Some(stored.clone())).await.expect("a permit");
        assert_eq!(verdict("correct horse").await, Some(HashAge::Current));
        assert_eq!(verdict("correct\u{A0}horse").await, Some(HashAge::Current));
        assert_eq!(verdict("wrong horse").await, None);
    }

    #[actix_web::test]
    async fn no_password_opens_an_account_that_is_not_there() {
        let passwords = PasswordHasher::new(2);
        let verdict = passwords.verify(password("a password that nobody has"), None).await.expect("a permit");
        assert_eq!(verdict, None);
    }
}
