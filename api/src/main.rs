//! The `watchtape` command.

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};
use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use watchtape::cli::Cli;

/// Keeps sizes apart: the buffers of idle connections, which are mostly untouched, do not come to lie in what others
/// have used and given back. See docs/adr/0013.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    give_memory_back();
    actix_web::rt::System::new().block_on(run())
}

/// Has the allocator give freed pages back at once: by itself it keeps what the start took, half of an idle server's
/// memory, for as long as little happens. It reads its options before `main`, so the program starts itself once more,
/// under the same process id. Where that cannot be, it goes on as it is.
fn give_memory_back() {
    const OPTION: &str = "MIMALLOC_PURGE_DELAY";
    if std::env::var_os(OPTION).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        let mut arguments = std::env::args_os();
        let mut again = Command::new(program);
        if let Some(name) = arguments.next() {
            again.arg0(name);
        }
        let _error = again.args(arguments).env(OPTION, "0").exec();
    }
}

async fn run() -> ExitCode {
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
