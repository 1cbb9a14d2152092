//! What the environment has beside the settings: variables that are set to nothing, and names that no setting has.

use clap::Command;
use clap::builder::{OsStr, Resettable};
use std::collections::BTreeSet;
use std::ffi::OsString;

const PREFIX: &str = "WATCHTAPE_";
/// The variables of the tests, which a server that they start has too.
const TEST_PREFIX: &str = "WATCHTAPE_TEST_";

/// The command, with variables that are set to nothing taken as unset: compose and unit files make such of `X=${X:-}`.
pub fn without_empty_variables(command: Command) -> Command {
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
        .collect()
}
