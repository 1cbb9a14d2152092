//! The `watchtape` command.

use clap::error::{ContextKind, ErrorKind};
use std::error::Error;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use watchtape::cli::{Cli, Failure};
use watchtape::http::static_files::StaticFiles;

/// Keeps allocations of different sizes on different pages, so that the mostly untouched buffers of idle connections do
/// not occupy pages that others have written to. See docs/adr/0015.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    purge_freed_memory_at_once();
    actix_web::rt::System::new().block_on(run())
}

/// Makes the allocator return freed pages to the system at once: by default it keeps many of those that the start needed
/// for as long as the server is idle. It reads its options before `main`, and setting one later is an unsafe call, so the
/// program executes itself again, with the same process id. If that fails, it runs with the default.
fn purge_freed_memory_at_once() {
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

/// The app, as `make web` has built it. Embedded here and not in the library, which is compiled while the app is built.
#[cfg(feature = "embed-web")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
struct App;

/// The app's files of this binary; none where it was built without them.
fn embedded_app() -> StaticFiles {
    #[cfg(feature = "embed-web")]
    return StaticFiles::of(App::iter().filter_map(|name| Some((name.to_string(), App::get(&name)?.data))));
    #[cfg(not(feature = "embed-web"))]
    StaticFiles::default()
}

async fn run() -> ExitCode {
    let cli = match Cli::parse_from_environment() {
        Ok(cli) => cli,
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
            _ => return exit_with_error(&message_without_value(&error)),
        },
    };
    match cli.run(embedded_app).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            exit_with_error(&message);
            ExitCode::from(code)
        }
    }
}

/// The setting and its error, without the value, which may be a secret.
fn message_without_value(error: &clap::Error) -> String {
    match (error.get(ContextKind::InvalidArg), error.source()) {
        (Some(setting), Some(cause)) => format!("{setting}: {cause}"),
        _ => {
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            let line = first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
            match error.kind() {
                ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument => format!("{line}: see watchtape --help"),
                _ => line,
            }
        }
    }
}

/// Prints the error as one line; exit code 2.
fn exit_with_error(error: &str) -> ExitCode {
    // Where nobody reads it, the status tells.
    let _ = writeln!(std::io::stderr(), "watchtape: {}", error.replace('\n', " "));
    ExitCode::from(2)
}
