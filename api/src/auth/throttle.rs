//! Guessing passwords, slowed down. Only failures cost: a bucket for an account at an address, and ten times as much for
//! an account over all addresses and for an address over all accounts. Buckets fill up evenly, so whoever is turned away
//! waits for seconds; nobody is locked out.
//!
//! - Whoever has signed in before in this browser (`device`), or holds a session, has a bucket of their own, so that an
//!   attack on the account does not keep its owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//! - A try under way counts as a failure until it has succeeded, so that trying at once gains nothing (`places`).
//! - A wrong guess that comes again is answered from memory, after a pause (`memory`): it costs neither tokens nor work.
//! - An address without an account is treated like one with an account all the way, and so is the time that it takes.

mod attempt;
mod memory;
mod places;
mod trail;

use super::Holder;
use super::device::Devices;
use super::secret::{Secret, encode, keyed_hash};
use crate::client::Client;
use crate::db;
use crate::db::user::{self, Credentials};
use crate::error::{Code, Error};
use crate::limits::{Policy, Standing};
use crate::state::AppState;
use actix_web::web;
use attempt::{AT_ONCE_ADDRESS, Attempt, Budget, Standby};
use memory::WrongGuesses;
pub use places::Place;
use places::Places;
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument;
use trail::Trail;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::audit::EventKind;

/// How long a wrong guess that comes again is kept waiting.
const PAUSE: Duration = Duration::from_millis(250);
/// How many of those wait at a time.
const MOST_PUT_OFF: usize = 64;

/// The budgets of failed sign-ins.
pub struct Throttle {
    per_minute: u32,
    devices: Devices,
    names: [u8; 32],
    places: Places,
    wrong: WrongGuesses,
    put_off: Semaphore,
    trail: Trail,
}

/// Checks the password of whoever signs in. `device` is what the browser's device cookie holds. Whatever is wrong, the
/// answer is the same; [`Code::TooManyRequests`] over budget.
pub async fn sign_in(
    state: &web::Data<AppState>,
    client: &Client,
    device: Option<String>,
    email: Email,
    password: Password,
) -> Result<Credentials, Error> {
    let account = state.throttle.name_of(&email);
    let found = state.db.read(move |connection| user::find_by_email(connection, &email)).await?;
    let owner = found.as_ref().map(|found| &found.user.id);
    let device = owner.zip(device).and_then(|(owner, cookie)| state.throttle.devices.check(owner, &cookie));
    let standby = device.map_or(Standby::Nothing, Standby::Device);
    let verified = judge(state, client, Attempt { account, prefix: client.place(), standby, found }, password).await?;
    verified.ok_or_else(wrong_credentials)
}

/// The answer to whoever is not let in, whatever was wrong.
pub fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "The e-mail address or the password is wrong.")
}

/// Checks the password of somebody who is signed in, before what asks for it again. `pointer` is where the password stands
/// in the request. [`Code::Guest`] for a guest, who has none.
pub async fn confirm(
    state: &web::Data<AppState>,
    client: &Client,
    holder: &Holder,
    password: Option<Password>,
    pointer: &'static str,
) -> Result<Credentials, Error> {
    let owner = holder.id.clone();
    let found = state.db.read(move |connection| user::find_credentials(connection, &owner)).await?;
    let found = found.ok_or(db::Error::Guest)?;
    let missing = || Error::new(Code::Invalid, "This needs the account's password.").at(pointer);
    let password = password.ok_or_else(missing)?;
    let account = state.throttle.name_of(&found.email);
    let standby = Standby::Session(holder.session.clone());
    let attempt = Attempt { account, prefix: client.place(), standby, found: Some(found) };
    let verified = judge(state, client, attempt, password).await?;
    verified.ok_or_else(|| Error::new(Code::WrongPassword, "This is not the account's password.").at(pointer))
}

async fn judge(
    state: &web::Data<AppState>,
    client: &Client,
    attempt: Attempt,
    password: Password,
) -> Result<Option<Credentials>, Error> {
    let throttle = &state.throttle;
    let is_on = throttle.per_minute > 0;
    let guess = attempt.guess(&password);
    if is_on && throttle.wrong.holds(&guess) {
        let turn = throttle.put_off.try_acquire().map_err(|_| at_once())?;
        tokio::time::sleep(PAUSE).await;
        drop(turn);
        return Ok(None);
    }
    let budgets = attempt.budgets(throttle.per_minute);
    let place = match throttle.admit(state, &budgets).await {
        Ok(place) => place,
        Err(None) => return Err(at_once()),
        Err(Some(pause)) => {
            throttle.note_refusal(state, client, &attempt).await;
            return Err(too_many(pause));
        }
    };
    // On its own, to its end: a client that hangs up has tried all the same.
    let (state, source) = (state.clone(), client.source.clone());
    let work = async move {
        let owner = attempt.found.as_ref().map(|found| found.user.id.clone());
        let verified = verified(&state, attempt.found, password).await?;
        if verified.is_none() {
            for budget in &budgets {
                state.limits.take(&budget.policy, &budget.whom).await;
            }
            if is_on {
                state.throttle.wrong.remember(&guess);
            }
            tracing::info!(known = owner.is_some(), "a sign-in failed");
            if let Some(owner) = owner {
                state.throttle.trail.write_later(&state.db, source, owner, attempt.standby, EventKind::SignInFailed);
            }
        }
        drop(place);
        Ok(verified)
    };
    actix_web::rt::spawn(work.in_current_span()).await.map_err(Error::internal)?
}

async fn verified(
    state: &AppState,
    found: Option<Credentials>,
    password: Password,
) -> Result<Option<Credentials>, Error> {
    let stored = found.as_ref().map(|found| found.password_hash.clone());
    let holds = state.passwords.verify(password, stored).await?;
    Ok(found.filter(|found| holds && found.enabled))
}

fn at_once() -> Error {
    Error::new(Code::TooManyRequests, "Too many sign-ins at once. Try again in a second.")
}

fn too_many(pause: Duration) -> Error {
    let seconds = pause.as_secs_f64().ceil();
    Error::new(Code::TooManyRequests, format!("Too many sign-ins have failed. Try again in {seconds} s."))
        .retry_after(pause)
}

impl Throttle {
    /// With so many failures a minute for an account at an address; 0: any number.
    pub fn new(per_minute: u32, secret: &Secret) -> Self {
        Self {
            per_minute,
            devices: Devices::new(secret),
            names: secret.key("accounts' names in limits"),
            places: Places::default(),
            wrong: WrongGuesses::default(),
            put_off: Semaphore::new(MOST_PUT_OFF),
            trail: Trail::default(),
        }
    }

    /// What browsers keep of those who signed in.
    pub fn devices(&self) -> &Devices {
        &self.devices
    }

    /// A place in the queue for hashing, of which an address has only so many.
    pub fn place(&self, client: &Client) -> Result<Place, Error> {
        let most = if self.per_minute == 0 { u32::MAX } else { AT_ONCE_ADDRESS };
        let taken = self.places.take([(format!("address {}", client.place()), most)]);
        taken.map(|(place, _)| place).ok_or_else(at_once)
    }

    fn name_of(&self, email: &Email) -> String {
        encode(&keyed_hash(&self.names, email.as_str().as_bytes())[..16])
    }

    /// A place in each budget, or how long to wait; none: until others are done.
    async fn admit(&self, state: &AppState, budgets: &[Budget]) -> Result<Place, Option<Duration>> {
        let names = budgets.iter().map(|budget| (format!("{} {}", budget.policy.name, budget.whom), budget.at_once));
        let (place, counts) = self.places.take(names).ok_or(None)?;
        for (budget, under_way) in budgets.iter().zip(counts) {
            let Standing { is_allowed, remaining, resets_in } = state.limits.look(&budget.policy, &budget.whom).await;
            if !is_allowed {
                return Err(Some(resets_in));
            }
            if remaining < under_way {
                return Err(None);
            }
        }
        Ok(place)
    }

    /// The first refusal of a minute goes into the account's trail.
    async fn note_refusal(&self, state: &AppState, client: &Client, attempt: &Attempt) {
        const FIRST: Policy = Policy::per_minute("login-refused", 1);
        let Some(found) = &attempt.found else { return };
        if state.limits.take(&FIRST, &attempt.account).await.is_allowed {
            let (source, owner) = (client.source.clone(), found.user.id.clone());
            self.trail.write_later(&state.db, source, owner, Standby::Nothing, EventKind::SignInThrottled);
        }
    }
}
