//! `watchtape user …`: manages accounts.

use super::open_database;
use crate::auth::access_changes::POLL_INTERVAL;
use crate::auth::password_hashing::PasswordHasher;
use crate::auth::{registrations, reset_links};
use crate::config::{Settings, cores};
use crate::db::account_opening::{self, NewAccount};
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::user::{self, Credentials};
use crate::db::{self, DbConnection, account_status, api_key, device, profile, session};
use crate::ids;
use crate::notify::reset_mail::reset_mail;
use chrono::SecondsFormat;
use clap::Subcommand;
use std::io::BufRead;
use watchtape_shared::account::{Email, Password, RegistrationPolicy};
use watchtape_shared::audit::EventKind;

#[derive(Subcommand, Debug)]
pub(super) enum UserCommand {
    /// Open an account; the password is read from standard input
    Add {
        /// The account's e-mail address
        email: Email,
    },
    /// Print a link to set a new password, valid for an hour and for one use
    ResetLink {
        /// The account's e-mail address
        email: Email,
        /// Mail the link instead
        #[arg(long)]
        send: bool,
    },
    /// Print a link by which an account can be opened, valid for seven days and once
    Invite {
        /// The only address that may use it [default: anybody may]
        email: Option<Email>,
    },
    /// List the signed-in devices of an account: id, sign-in, last use, address and program
    Sessions {
        /// The account's e-mail address
        email: Email,
    },
    /// End an account's sessions and revoke its API keys
    Revoke {
        /// The account's e-mail address
        email: Email,
        /// End its sessions; the API keys stay unless --keys is given too
        #[arg(long)]
        sessions: bool,
        /// Revoke its API keys; the sessions stay unless --sessions is given too
        #[arg(long)]
        keys: bool,
    },
    /// List the registered accounts: address, day of opening, and whether it is disabled
    List,
    /// Disable an account: it can no longer sign in, and its sessions end
    Disable {
        /// The account's e-mail address
        email: Email,
    },
    /// Let a disabled account sign in again
    Enable {
        /// The account's e-mail address
        email: Email,
    },
    /// Delete an account and all that belongs to it, for good
    Delete {
        /// The account's e-mail address
        email: Email,
    },
}

/// Accounts that are read at a time.
const PAGE: i64 = 1_000;

pub(super) async fn run(settings: &Settings, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add { email } => add(settings, email).await,
        UserCommand::ResetLink { email, send } => create_reset_link(settings, email, send).await,
        UserCommand::Invite { email } => invite(settings, email).await,
        UserCommand::Sessions { email } => list_sessions(settings, email).await,
        // Without a choice, both.
        UserCommand::Revoke { email, sessions, keys } => {
            revoke(settings, email, sessions || !keys, keys || !sessions).await
        }
        UserCommand::List => list(settings).await,
        UserCommand::Disable { email } => set_status(settings, email, account_status::disable).await,
        UserCommand::Enable { email } => set_status(settings, email, account_status::enable).await,
        UserCommand::Delete { email } => delete(settings, email).await,
    }
}

/// The account of this address. [`db::Error::NotFound`] where there is none.
fn account_of(connection: &mut DbConnection, email: &Email) -> db::Result<Credentials> {
    user::find_by_email(connection, email)?.ok_or(db::Error::NotFound("account"))
}

async fn set_status(
    settings: &Settings,
    email: Email,
    change: fn(&mut DbConnection, &Email) -> db::Result<()>,
) -> Result<(), String> {
    let db = open_database(settings)?;
    db.write(move |connection| change(connection, &email)).await.map_err(|error| error.to_string())
}

async fn add(settings: &Settings, email: Email) -> Result<(), String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    let password = Password::parse(line.trim_end_matches(['\r', '\n'])).map_err(|error| error.to_string())?;
    let db = open_database(settings)?;
    let display_name = email.to_display_name();
    let hashed = PasswordHasher::new(cores()).hash_new(password, &email, &display_name).await;
    let password_hash = hashed.map_err(|error| error.to_string())?;
    let new = NewAccount { id: ids::user(), email, display_name, password_hash, first_list: ids::watchlist() };
    let added = db.write(move |connection| {
        let user = account_opening::open(connection, &new)?;
        audit::record(connection, &RequestInfo::default(), &NewEvent::new(EventKind::AccountOpened, &user.id))?;
        Ok(user.id)
    });
    println!("{}", added.await.map_err(|error| error.to_string())?);
    Ok(())
}

async fn create_reset_link(settings: &Settings, email: Email, send: bool) -> Result<(), String> {
    let mailer = settings.mailer()?;
    if send && mailer.is_none() {
        return Err("WATCHTAPE_SMTP_URL is not set: no mail can be sent".to_owned());
    }
    let (db, address) = (open_database(settings)?, email.clone());
    let token = db.write(move |connection| {
        let found = account_of(connection, &address)?;
        if !found.enabled {
            return Ok(None);
        }
        reset_links::replace(connection, &found.user.id, &RequestInfo::default()).map(Some)
    });
    let Some(token) = token.await.map_err(|error| error.to_string())? else {
        return Err(format!("the account is disabled: `watchtape user enable {email}` lets it sign in again"));
    };
    let link = reset_links::link(&settings.link_origin(settings.listen), &token);
    match mailer.filter(|_| send) {
        Some(mailer) => {
            let (subject, text) = reset_mail(&link);
            mailer.send(&email, subject, text).await.map_err(|error| format!("WATCHTAPE_SMTP_URL: {error}"))
        }
        None => {
            println!("{link}");
            Ok(())
        }
    }
}

async fn invite(settings: &Settings, email: Option<Email>) -> Result<(), String> {
    let db = open_database(settings)?;
    let invited = db.write(move |connection| {
        if let Some(email) = &email
            && user::find_by_email(connection, email)?.is_some()
        {
            return Err(db::Error::EmailTaken);
        }
        registrations::invite(connection, email.as_ref())
    });
    let token = invited.await.map_err(|error| error.to_string())?;
    println!("{}", registrations::invitation_link(&settings.link_origin(settings.listen), &token));
    match settings.registration {
        RegistrationPolicy::Invite => {}
        RegistrationPolicy::Open => eprintln!("watchtape: WATCHTAPE_REGISTRATION is open: nobody needs an invitation"),
        RegistrationPolicy::Closed => eprintln!("watchtape: WATCHTAPE_REGISTRATION is closed: nobody is let in by it"),
    }
    Ok(())
}

async fn list_sessions(settings: &Settings, email: Email) -> Result<(), String> {
    let db = open_database(settings)?;
    let read = db.snapshot(move |connection| {
        let found = account_of(connection, &email)?;
        device::list(connection, &found.user.id, None)
    });
    for device in read.await.map_err(|error| error.to_string())? {
        let [signed_in, used] =
            [device.created_at, device.last_seen_at].map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let (address, program) = (device.address.unwrap_or_default(), device.user_agent.unwrap_or_default());
        // A program calls itself what it likes; it is not to act on a terminal.
        let program: String = program.chars().filter(|character| !character.is_control()).collect();
        println!("{}\t{signed_in}\t{used}\t{address}\t{program}", device.id);
    }
    Ok(())
}

async fn revoke(settings: &Settings, email: Email, sessions: bool, keys: bool) -> Result<(), String> {
    let db = open_database(settings)?;
    let revoked = db.write(move |connection| {
        let found = account_of(connection, &email)?;
        let id = found.user.id;
        user::lock(connection, &id)?;
        let mut told = Vec::new();
        if sessions {
            told.push(format!("{} sessions ended", device::list(connection, &id, None)?.len()));
            session::end_all(connection, &id)?;
            audit::record(connection, &RequestInfo::default(), &NewEvent::new(EventKind::SignedOutEverywhere, &id))?;
        }
        if keys {
            let owned = api_key::list(connection, &id)?;
            told.push(format!("{} API keys revoked", owned.len()));
            api_key::revoke_all(connection, &id)?;
            for key in owned {
                let event = NewEvent::new(EventKind::KeyRevoked, &id).api_key(&key.id);
                audit::record(connection, &RequestInfo::default(), &event)?;
            }
        }
        Ok(told.join(", "))
    });
    println!("{}", revoked.await.map_err(|error| error.to_string())?);
    Ok(())
}

async fn list(settings: &Settings) -> Result<(), String> {
    let db = open_database(settings)?;
    let mut after: Option<Email> = None;
    loop {
        let page_after = after.clone();
        let read = db.read(move |connection| account_status::list(connection, page_after.as_ref(), PAGE));
        let accounts = read.await.map_err(|error| error.to_string())?;
        let Some(last) = accounts.last() else { return Ok(()) };
        after = Some(last.email.clone());
        for account in &accounts {
            let state = account.disabled_at.map_or("active".to_owned(), |at| format!("disabled {}", at.date_naive()));
            println!("{}\t{}\t{state}", account.email, account.created_at.date_naive());
        }
    }
}

async fn delete(settings: &Settings, email: Email) -> Result<(), String> {
    let (db, address) = (open_database(settings)?, email.clone());
    // Disabled first: running nodes look for accounts that were disabled, and close their sockets, but cannot see a row
    // that is gone.
    db.write(move |connection| account_status::disable(connection, &address))
        .await
        .map_err(|error| error.to_string())?;
    tokio::time::sleep(2 * POLL_INTERVAL).await;
    let deleted = db.write(move |connection| {
        let found = account_of(connection, &email)?;
        profile::delete(connection, &found.user.id)
    });
    deleted.await.map_err(|error| error.to_string())
}
