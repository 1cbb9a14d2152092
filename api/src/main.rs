//! The `watchtape` command.

use clap::Parser;
use clap::error::ErrorKind;
use std::process::ExitCode;
use watchtape::cli::Cli;

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => error.exit(),
        Err(error) => {
            return refuse(error.to_string().trim_start_matches("error: ").lines().next().unwrap_or_default());
        }
    };
    match cli.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

/// One line, whatever was wrong.
fn refuse(error: &str) -> ExitCode {
    eprintln!("watchtape: {}", error.replace('\n', " "));
    ExitCode::from(2)
}
