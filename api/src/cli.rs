//! Every command of the binary.

use crate::auth::passwords::Passwords;
use crate::auth::resets;
use crate::config::{Settings, cores};
use crate::db::audit::{self, NewEvent, Source};
use crate::db::user::NewUser;
use crate::db::{self, Db, security, user};
use crate::{catalog, doctor, ids, openapi, startup, telemetry};
use clap::{Parser, Subcommand};
use std::io::{BufRead, Write};
use std::path::PathBuf;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::audit::EventKind;

/// A self-hosted, real-time stock watchlist platform.
#[derive(Parser, Debug)]
#[command(name = "watchtape", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API, the stream and the app (the default)
    Serve,
    /// Bring the database to this version's schema, and stop
    Migrate,
    /// Print the API's OpenAPI document as YAML
    Openapi,
    /// See whether everything that the settings name is there and answers
    Doctor,
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage the catalogue of securities
    Catalog {
        #[command(subcommand)]
        command: CatalogCommand,
    },
}

#[derive(Subcommand, Debug)]
enum UserCommand {
    /// Open an account; the password is read from standard input
    Add {
        /// The account's address
        email: Email,
    },
    /// Make a link by which to set a new password, good for an hour and once, and print it
    ResetLink {
        /// The account's address
        email: Email,
        /// Mail the link instead
        #[arg(long)]
        send: bool,
    },
    /// Bar an account from signing in, and end its sessions
    Disable {
        /// The account's address
        email: Email,
    },
}

#[derive(Subcommand, Debug)]
enum CatalogCommand {
    /// Add the securities of a CSV file, and bring those that are there up to date
    Import {
        /// The file, with the columns of api/data/securities.csv
        file: PathBuf,
    },
}

impl Cli {
    /// Carries the command out. An error is one line for the operator.
    pub async fn run(self) -> Result<(), String> {
        let settings = self.settings;
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(&settings).await,
            Command::Migrate => open(&settings).map(|db| println!("{:?} is up to date", db.url())),
            Command::Openapi => {
                // Whoever reads it may have read enough.
                let _ = std::io::stdout().write_all(openapi::yaml().as_bytes());
                Ok(())
            }
            Command::Doctor => examine(&settings).await,
            Command::User { command: UserCommand::Add { email } } => add_user(&settings, email).await,
            Command::User { command: UserCommand::ResetLink { email, send } } => {
                make_reset_link(&settings, email, send).await
            }
            Command::User { command: UserCommand::Disable { email } } => {
                let db = open(&settings)?;
                db.write(move |connection| user::disable(connection, &email)).await.map_err(|error| error.to_string())
            }
            Command::Catalog { command: CatalogCommand::Import { file } } => import(&settings, &file).await,
        }
    }
}

async fn serve(settings: &Settings) -> Result<(), String> {
    telemetry::start(settings.log.to_filter());
    let server = startup::build(settings).await?;
    let stopper = server.stopper();
    let stopped = actix_web::rt::spawn(async move {
        until_told_to_stop().await;
        tracing::info!("stopping");
        stopper.stop().await;
    });
    server.run().await.map_err(|error| error.to_string())?;
    // The server has ended because it was told to: what is left of that is to be done as well.
    stopped.await.map_err(|error| error.to_string())
}

async fn examine(settings: &Settings) -> Result<(), String> {
    let findings = doctor::examine(settings).await;
    for finding in &findings {
        println!("{finding}");
    }
    let wrong: Vec<&str> =
        findings.iter().filter(|finding| finding.outcome.is_err()).map(|finding| finding.name.as_str()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("to be mended: {}", wrong.join(", "))) }
}

async fn until_told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard");
            // Ctrl-C alone, then; an error here would leave nothing to wait for.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

fn open(settings: &Settings) -> Result<Db, String> {
    settings.make_data_dir()?;
    Db::open(&settings.database()).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))
}

async fn add_user(settings: &Settings, email: Email) -> Result<(), String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    let password = Password::parse(line.trim_end_matches(['\r', '\n'])).map_err(|error| error.to_string())?;
    let db = open(settings)?;
    let display_name = email.to_display_name();
    let hashed = Passwords::new(cores()).hash_new(password, &email, &display_name).await;
    let password_hash = hashed.map_err(|error| error.detail)?;
    let new = NewUser { id: ids::user(), email, display_name, password_hash, first_list: ids::watchlist() };
    let added = db.write(move |connection| {
        let user = user::create(connection, &new)?;
        audit::record(connection, &Source::default(), &NewEvent::new(EventKind::AccountOpened, &user.id))?;
        Ok(user.id)
    });
    println!("{}", added.await.map_err(|error| error.to_string())?);
    Ok(())
}

async fn make_reset_link(settings: &Settings, email: Email, send: bool) -> Result<(), String> {
    let mailer = settings.mailer()?;
    if send && mailer.is_none() {
        return Err("WATCHTAPE_SMTP_URL is not set: there is nothing to send mail by".to_owned());
    }
    let (db, address) = (open(settings)?, email.clone());
    let token = db.write(move |connection| {
        let found = user::find_by_email(connection, &address)?.filter(|found| found.enabled);
        let owner = found.ok_or(db::Error::NotFound("account"))?.user.id;
        resets::make(connection, &owner, &Source::default())
    });
    let token = token.await.map_err(|error| error.to_string())?;
    let link = resets::link(&settings.link_origin(settings.listen), &token);
    match mailer.filter(|_| send) {
        Some(mailer) => {
            let (subject, text) = resets::letter(&link);
            mailer.send(&email, subject, text).await.map_err(|error| format!("WATCHTAPE_SMTP_URL: {error}"))
        }
        None => {
            println!("{link}");
            Ok(())
        }
    }
}

async fn import(settings: &Settings, path: &PathBuf) -> Result<(), String> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let tickers = catalog::parse(&name, file)?;
    let (db, count) = (open(settings)?, tickers.len());
    db.write(move |connection| security::import(connection, &tickers)).await.map_err(|error| error.to_string())?;
    println!("{count} securities imported; a running server reads them at its next start");
    Ok(())
}
