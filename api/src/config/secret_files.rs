//! Secrets in files, as Docker, Kubernetes and systemd hand them over: of each setting that may hold one there is another whose
//! name ends in `_FILE`.

use clap::{Arg, ArgMatches, Command, value_parser};
use std::path::{Path, PathBuf};

/// The settings that may hold a secret. `secret` and `other_secret` have files of their own, which may be created.
const SETTINGS: [&str; 8] = [
    "database_url",
    "redis_url",
    "smtp_url",
    "otlp_headers",
    "albert_key",
    "finnhub_key",
    "alpaca_key_id",
    "alpaca_secret",
];

/// The command with the arguments for the files.
pub fn with_arguments(command: Command) -> Command {
    SETTINGS.into_iter().fold(command, |command, setting| {
        let variable = variable_of(setting);
        let arg = Arg::new(id_of(setting))
            .long(id_of(setting).replace('_', "-"))
            .env(format!("{variable}_FILE"))
            .global(true)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .conflicts_with(setting)
            .help(format!("File with {variable}"));
        command.arg(arg)
    })
}

/// The command with what the files have that `given` names. An error is one line for the operator.
pub(super) fn apply(command: Command, given: &ArgMatches) -> Result<Command, String> {
    SETTINGS.into_iter().try_fold(command, |command, setting| {
        let Some(path) = given.try_get_one::<PathBuf>(&id_of(setting)).ok().flatten() else { return Ok(command) };
        let value = read(path).map_err(|error| format!("{}_FILE {}: {error}", variable_of(setting), path.display()))?;
        Ok(command.mut_arg(setting, |arg| arg.default_value(value).hide_default_value(true)))
    })
}

fn id_of(setting: &str) -> String {
    format!("{setting}_file")
}

fn variable_of(setting: &str) -> String {
    format!("WATCHTAPE_{}", setting.to_uppercase())
}

/// What the file has, without the line's end that editors add.
fn read(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let value = text.trim_end_matches(['\r', '\n']);
    if value.is_empty() { Err("it is empty".to_owned()) } else { Ok(value.to_owned()) }
}
