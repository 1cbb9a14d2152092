//! Runs the app's `#[wasm_bindgen_test]` tests in Node, in place of the compiled tests, which no system can start.
//!
//! Cargo calls it (`CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER`, set in the Makefile) as
//! `wasm-test-runner FILE.wasm [NAME]`. The official runner does the same and much more, but takes minutes to compile
//! and is a program that has to be installed in just the right version. Deliberately absent: tests in a browser; those
//! are in web/e2e.

use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

const HARNESS: &str = include_str!("harness.cjs");

/// Stands for the parts of the app that are loaded later: the program asks Node for them by this name.
const LATER: &str = "__wasm_split_placeholder__";

/// A unit test that gets as far as loading one fails, and says so.
const NEVER: &str =
    "module.exports = new Proxy({}, { get: (_, name) => () => { throw new Error(`${name}: no test loads it`); } });\n";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wasm-test-runner: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every test passed.
fn run() -> anyhow::Result<bool> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().context("no wasm file given")?;
    let name = arguments.next().unwrap_or_default();
    if name.starts_with('-') || arguments.next().is_some() {
        bail!("only one argument is understood: a part of the names of the tests to run");
    }

    let folder = tempfile::tempdir().context("no temporary folder")?;
    bind(Path::new(&file), folder.path()).with_context(|| format!("wasm-bindgen refuses {file}"))?;
    let later = folder.path().join("node_modules").join(LATER);
    fs::create_dir_all(&later)
        .and_then(|()| fs::write(later.join("index.js"), NEVER))
        .with_context(|| format!("cannot write {}", later.display()))?;
    let harness = folder.path().join("harness.cjs");
    fs::write(&harness, HARNESS).with_context(|| format!("cannot write {}", harness.display()))?;
    let status = Command::new("node").arg(harness).arg(name).status().context("cannot run node")?;
    Ok(status.success())
}

/// Writes `tests.js` and its wasm file for Node, with the wasm's own exports within reach: they are the tests.
fn bind(file: &Path, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(file)
        .out_name("tests")
        .nodejs(true)?
        .typescript(false)
        .debug(true)
        .export_wasm(true)
        .emit_start(false)
        .generate(folder)
}
