//! The settings of a file (`WATCHTAPE_CONFIG`): TOML, with the flags' names as keys. They stand in the place of the defaults, so
//! that variables and flags win.

use clap::{ArgMatches, Command};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The argument that names the file.
const CONFIG: &str = "config";
/// A setting and the file that has it: one of them is enough.
const ALTERNATIVES: [(&str, &str); 2] = [("secret", "secret_file"), ("other_secret", "other_secret_file")];

/// The command with the settings of the file that `given` names as defaults. An error is one line for the operator; no value is
/// in it, as it may be a secret.
pub(super) fn apply(command: Command, given: &ArgMatches) -> Result<Command, String> {
    let Some(path) = given.try_get_one::<PathBuf>(CONFIG).ok().flatten() else { return Ok(command) };
    let name = format!("WATCHTAPE_CONFIG {}", path.display());
    let settings = read(path).map_err(|error| format!("{name}: {error}"))?;
    if let Some((one, other)) =
        ALTERNATIVES.into_iter().find(|(one, other)| settings.contains_key(*one) && settings.contains_key(*other))
    {
        return Err(format!("{name}: {one} and {other} are both set"));
    }
    settings.into_iter().try_fold(command, |command, (id, value)| {
        if id == CONFIG || !command.get_arguments().any(|arg| arg.get_id() == id.as_str() && arg.get_env().is_some()) {
            return Err(format!("{name}: there is no such setting: {id}"));
        }
        Ok(command.mut_arg(id, |arg| arg.default_value(value).hide_default_value(true)))
    })
}

/// The settings by the names of their arguments, each as it would be given as a variable.
fn read(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        // Without the line itself, which the parser's own text quotes.
        format!("line {line}: {}", error.message().replace('\n', " "))
    })?;
    let settings = table.into_iter().map(|(key, value)| {
        let value = text_of(value).ok_or_else(|| format!("{key} is neither a text, a number nor a list of texts"))?;
        Ok((key.replace('-', "_"), value))
    });
    settings.collect()
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values.into_iter().map(text_of).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}
