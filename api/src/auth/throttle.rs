//! Guessing passwords, slowed down. Only failures cost: a bucket for an account at an address, and ten times as much for
//! an account over all addresses and for an address over all accounts. Buckets fill up evenly, so whoever is turned away
//! waits for seconds; nobody is locked out.
//!
//! - Whoever has signed in before in this browser (`device`), or holds a session, has a bucket of their own, so that an
//!   attack on the account does not keep its owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//! - A try under way counts as a failure until it has succeeded, so that trying at once gains nothing (`places`).
//! - A wrong guess that comes again is answered from memory, after a pause (`memory`): it costs neither tokens nor work.
//! - An address without an account is treated like one with an account all the way, and so is the time that it takes.

mod memory;
mod places;

use super::Holder;
use super::device::Devices;
use super::secret::{Secret, encode, keyed_hash};
use crate::client::Client;
use crate::db::audit::{self, NewEvent, Source};
use crate::db::user::{self, Credentials};
use crate::error::{Code, Error};
use crate::limits::{Policy, Standing};
use crate::state::AppState;
use actix_web::web;
use memory::WrongGuesses;
pub use places::Place;
use places::Places;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument;
use watchtape_shared::SessionId;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::audit::EventKind;

/// How much more an account has over all addresses, and an address over all accounts, than an account at an address.
const WIDER: u32 = 10;
/// How many tries may be under way: for an account at an address, for an account, and for an address. The last is an
/// eighth of the queue for hashing.
const AT_ONCE: u32 = 4;
const AT_ONCE_ACCOUNT: u32 = 16;
const AT_ONCE_ADDRESS: u32 = 32;
/// How long a wrong guess that comes again is kept waiting.
const PAUSE: Duration = Duration::from_millis(250);
/// How many of those wait at a time, and how many entries of the audit trail wait to be written.
const MOST_PUT_OFF: usize = 64;
const MOST_UNWRITTEN: usize = 64;

/// The budgets of failed sign-ins.
pub struct Throttle {
    per_minute: u32,
    devices: Devices,
    names: [u8; 32],
    places: Places,
    wrong: WrongGuesses,
    put_off: Semaphore,
    unwritten: Arc<Semaphore>,
}

/// What speaks for whoever tries, beside the password.
enum Standby {
    Nothing,
    Device(String),
    Session(SessionId),
}

/// One try.
struct Attempt {
    /// The account's name in buckets: no address is to be read there.
    account: String,
    standby: Standby,
    found: Option<Credentials>,
}

/// A bucket that a failure takes from.
struct Budget {
    policy: Policy,
    whom: String,
    at_once: u32,
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
    let verified = judge(state, client, Attempt { account, standby, found }, password).await?;
    verified.ok_or_else(|| Error::new(Code::WrongCredentials, "The e-mail address or the password is wrong."))
}

/// Checks the password of somebody who is signed in, before what asks for it again. `pointer` is where the password stands
/// in the request.
pub async fn confirm(
    state: &web::Data<AppState>,
    client: &Client,
    holder: &Holder,
    password: Password,
    pointer: &'static str,
) -> Result<Credentials, Error> {
    let owner = holder.id.clone();
    let found = state.db.read(move |connection| user::find_credentials(connection, &owner)).await?;
    let account = state.throttle.name_of(&found.user.email);
    let attempt = Attempt { account, standby: Standby::Session(holder.session.clone()), found: Some(found) };
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
    if throttle.per_minute == 0 {
        return verified(state, attempt.found, password).await;
    }
    let guess = attempt.guess(client, &password);
    if throttle.wrong.holds(&guess) {
        let turn = throttle.put_off.try_acquire().map_err(|_| too_many(Duration::ZERO))?;
        tokio::time::sleep(PAUSE).await;
        drop(turn);
        return Ok(None);
    }
    let budgets = throttle.budgets(client, &attempt);
    let place = match throttle.admit(state, &budgets).await {
        Ok(place) => place,
        Err(pause) => {
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
            state.throttle.wrong.remember(&guess);
            tracing::info!(known = owner.is_some(), "a sign-in failed");
            state.throttle.write_later(&state, source, owner, attempt.standby, EventKind::SignInFailed);
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

fn too_many(pause: Duration) -> Error {
    let seconds = pause.as_secs_f64().ceil().max(1.0);
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
            unwritten: Arc::new(Semaphore::new(MOST_UNWRITTEN)),
        }
    }

    /// What browsers keep of those who signed in.
    pub fn devices(&self) -> &Devices {
        &self.devices
    }

    /// A place in the queue for hashing, of which an address has only so many.
    pub fn place(&self, client: &Client) -> Result<Place, Error> {
        let most = if self.per_minute == 0 { u32::MAX } else { AT_ONCE_ADDRESS };
        let taken = self.places.take([(format!("address {}", prefix_of(client)), most)]);
        taken.map(|(place, _)| place).ok_or_else(|| too_many(Duration::ZERO))
    }

    fn name_of(&self, email: &Email) -> String {
        encode(&keyed_hash(&self.names, email.as_str().as_bytes())[..16])
    }

    fn budgets(&self, client: &Client, attempt: &Attempt) -> Vec<Budget> {
        let one = self.per_minute;
        let many = one.saturating_mul(WIDER);
        let budget = |name, quota, whom, at_once| Budget { policy: Policy::per_minute(name, quota), whom, at_once };
        let (account, prefix) = (&attempt.account, prefix_of(client));
        match &attempt.standby {
            Standby::Device(device) => vec![budget("login-device", one, format!("{account} {device}"), AT_ONCE)],
            Standby::Session(session) => vec![budget("login-session", one, session.to_string(), AT_ONCE)],
            Standby::Nothing => vec![
                budget("login", one, format!("{account} {prefix}"), AT_ONCE),
                budget("login-account", many, account.clone(), AT_ONCE_ACCOUNT),
                budget("login-address", many, prefix, AT_ONCE_ADDRESS),
            ],
        }
    }

    /// A place in each budget, or how long to wait.
    async fn admit(&self, state: &AppState, budgets: &[Budget]) -> Result<Place, Duration> {
        let names = budgets.iter().map(|budget| (format!("{} {}", budget.policy.name, budget.whom), budget.at_once));
        let (place, counts) = self.places.take(names).ok_or(Duration::ZERO)?;
        for (budget, under_way) in budgets.iter().zip(counts) {
            let Standing { is_allowed, remaining, resets_in } = state.limits.look(&budget.policy, &budget.whom).await;
            if !is_allowed {
                return Err(resets_in);
            }
            if remaining < under_way {
                return Err(Duration::ZERO);
            }
        }
        Ok(place)
    }

    /// The first refusal of a minute goes into the account's trail.
    async fn note_refusal(&self, state: &AppState, client: &Client, attempt: &Attempt) {
        const FIRST: Policy = Policy::per_minute("login-refused", 1);
        let Some(found) = &attempt.found else { return };
        if state.limits.take(&FIRST, &attempt.account).await.is_allowed {
            let (source, owner) = (client.source.clone(), Some(found.user.id.clone()));
            self.write_later(state, source, owner, Standby::Nothing, EventKind::SignInThrottled);
        }
    }

    /// Writes to the trail of an account, where there is one, after the answer: that takes as long for any address.
    fn write_later(
        &self,
        state: &AppState,
        source: Source,
        owner: Option<watchtape_shared::UserId>,
        standby: Standby,
        kind: EventKind,
    ) {
        let Some(owner) = owner else { return };
        let Ok(permit) = self.unwritten.clone().try_acquire_owned() else {
            tracing::warn!(user = %owner, kind = kind.as_str(), "more to write to the audit trail than can be written");
            return;
        };
        let db = state.db.clone();
        let work = async move {
            let written = db.write(move |connection| {
                let mut event = NewEvent::new(kind, &owner);
                if let Standby::Session(session) = &standby {
                    event = event.session(session);
                }
                audit::record(connection, &source, &event)
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "could not write to the audit trail");
            }
            drop(permit);
        };
        actix_web::rt::spawn(work.in_current_span());
    }
}

impl Attempt {
    /// Names this guess. What it is held against is part of it: once the password has changed, it is another guess.
    /// The address is too: nobody is to learn, by the time it takes, what somebody else has tried.
    fn guess(&self, client: &Client, password: &Password) -> String {
        let (stored, enabled) =
            self.found.as_ref().map_or(("", false), |found| (found.password_hash.as_str(), found.enabled));
        format!("{}\0{}\0{stored}\0{enabled}\0{}", self.account, prefix_of(client), password.expose())
    }
}

/// Whom an address belongs to: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has all of.
fn prefix_of(client: &Client) -> String {
    match client.address {
        None => "local".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            format!("{network}/64")
        }
    }
}
