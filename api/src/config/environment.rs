//! Where settings come from: flags, then variables, then the files that these name.

use super::{config_file, secret_files};
use clap::builder::{OsStr, Resettable};
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, Error};
use std::collections::BTreeSet;
use std::ffi::OsString;

const PREFIX: &str = "WATCHTAPE_";
/// The variables of the tests, which a server that they start has too.
const TEST_PREFIX: &str = "WATCHTAPE_TEST_";
/// What Kubernetes gives every container beside a service that is called watchtape: `WATCHTAPE_PORT_8080_TCP`, and so on.
const SERVICE_LINKS: [&str; 3] = ["WATCHTAPE_SERVICE_", "WATCHTAPE_PORT_", "WATCHTAPE_PORT"];

/// Matches the arguments of a command with all its settings, with what the environment and the files have. The returned command is
/// what an error is to be formatted with.
pub fn matches(command: Command, arguments: &[OsString]) -> Result<(Command, ArgMatches), Error> {
    let mut command = without_empty_variables(command);
    // What names a file can only be known by parsing; errors are those of the last time, with the files' settings.
    for apply in [config_file::apply, secret_files::apply] {
        if let Ok(given) = command.clone().ignore_errors(true).try_get_matches_from(arguments) {
            let applied = apply(command.clone(), &given);
            command = applied.map_err(|error| command.error(ErrorKind::ValueValidation, error))?;
        }
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    Ok((command, matches))
}

/// The command, with variables that are set to nothing taken as unset: compose and unit files make such of `X=${X:-}`.
fn without_empty_variables(command: Command) -> Command {
    command.mut_args(|arg| {
        let is_empty = |name| std::env::var_os(name).is_some_and(|value| value.is_empty());
        if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::<OsStr>::Reset) } else { arg }
    })
}

/// The names among these that look like a setting's and are none, sorted.
pub fn unknown_names(command: &Command, names: impl Iterator<Item = OsString>) -> BTreeSet<String> {
    let known: BTreeSet<&std::ffi::OsStr> = command.get_arguments().filter_map(clap::Arg::get_env).collect();
    names
        .filter(|name| !known.contains(name.as_os_str()))
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX))
        .filter(|name| !SERVICE_LINKS.iter().any(|link| name == link || link.ends_with('_') && name.starts_with(link)))
        .collect()
}
