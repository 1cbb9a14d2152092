//! The `watchtape` command.

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};
use std::error::Error;
use std::process::ExitCode;
use watchtape::cli::Cli;

/// Keeps sizes apart: the buffers of idle connections, which are mostly untouched, do not come to lie in what others
/// have used and given back. See docs/adr/0013.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
            _ => return refuse(&without_value(&error)),
        },
    };
    match cli.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

/// What was wrong with which setting. The value is left out: it may be a secret.
fn without_value(error: &clap::Error) -> String {
    match (error.get(ContextKind::InvalidArg), error.source()) {
        (Some(setting), Some(cause)) => format!("{setting}: {cause}"),
        _ => {
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
        }
    }
}

/// One line, whatever was wrong.
fn refuse(error: &str) -> ExitCode {
    eprintln!("watchtape: {}", error.replace('\n', " "));
    ExitCode::from(2)
}
