//! The app's Rust, compiled by cargo for the browser.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{profile::Profile, tree::Tree};

const PACKAGE: &str = "watchtape-web";

/// What cargo made of the app.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compiled {
    pub(crate) wasm: PathBuf,
    /// The folder of what `web/build.rs` writes.
    pub(crate) written: PathBuf,
}

/// Compiles the app; answers where its files are, wherever the target folder is set to be.
pub(crate) fn compile(tree: &Tree, profile: Profile) -> anyhow::Result<Compiled> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--package", PACKAGE, "--target", "wasm32-unknown-unknown"])
        .args(["--profile", profile.cargo_name()])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(tree.root())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("{PACKAGE} does not compile (if the wasm target is what is missing: make setup)");
    }
    let messages = String::from_utf8(output.stdout).context("cargo's messages are not UTF-8")?;
    let wasm = executable_in(&messages)
        .with_context(|| format!("cargo built no wasm file for {PACKAGE}: it needs a src/main.rs"))?;
    let written = written_in(&messages).with_context(|| format!("cargo ran no web/build.rs for {PACKAGE}"))?;
    Ok(Compiled { wasm, written })
}

/// The wasm file among cargo's messages, one JSON object a line.
///
/// A program for this target has no `executable` in cargo's eyes; its file is in `filenames`.
fn executable_in(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["target"]["name"] == PACKAGE)
        .filter_map(|message| {
            let files = message["filenames"].as_array()?;
            files.iter().filter_map(Value::as_str).map(Path::new).find(|file| is_wasm(file)).map(Path::to_owned)
        })
        .next_back()
}

/// The folder that the app's build script wrote to, among the same messages.
fn written_in(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "build-script-executed")
        .filter(|message| message["package_id"].as_str().is_some_and(|id| id.contains(PACKAGE) || id.contains("/web#")))
        .find_map(|message| message["out_dir"].as_str().map(PathBuf::from))
}

fn is_wasm(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_program_among_the_messages() {
        let messages = r#"
            {"reason":"compiler-artifact","target":{"name":"serde"},"filenames":["/t/libserde.rlib"]}
            {"reason":"compiler-artifact","target":{"name":"other"},"filenames":["/t/other.wasm"]}
            {"reason":"compiler-artifact","target":{"name":"watchtape-web"},"filenames":["/t/a.d","/t/watchtape-web.wasm"]}
            {"reason":"build-finished","success":true}"#;
        assert_eq!(executable_in(messages), Some(PathBuf::from("/t/watchtape-web.wasm")));
        assert_eq!(executable_in(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
