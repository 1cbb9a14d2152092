//! The npm packages that make the app smaller, as web/bundle/package-lock.json pins them: `wasm-opt` of binaryen, and
//! terser for the script that wasm-bindgen writes.

use std::{ffi::OsStr, fs, process::Command};

use anyhow::{Context as _, bail, ensure};

use crate::{bindings::Bindings, tree::Tree};

const WASM_OPT: &str = "web/bundle/node_modules/binaryen/bin/wasm-opt";
const TERSER: &str = "web/bundle/node_modules/terser/bin/terser";

/// What rustc and wasm-bindgen may use of wasm; every browser has had all of it since 2022.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The same program, smaller.
pub(crate) fn optimize(tree: &Tree, bindings: &Bindings) -> anyhow::Result<Bindings> {
    let mut smaller = vec!["-Oz", "--strip-debug", "--strip-producers"];
    smaller.extend(FEATURES);
    let wasm = through(tree, WASM_OPT, &smaller, &bindings.wasm)?;
    let script = through(tree, TERSER, &["--module", "--compress", "--mangle"], bindings.script.as_bytes())?;
    Ok(Bindings { wasm, script: String::from_utf8(script).context("terser wrote no text")? })
}

/// Runs a program of Node's that reads one file and writes another.
fn through(tree: &Tree, program: &str, options: &[&str], content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let program = tree.join(program);
    let name = program.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
    ensure!(program.is_file(), "{name} is not installed: make setup");

    let folder = tempfile::tempdir().context("no temporary folder")?;
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&input, content).with_context(|| format!("cannot write {}", input.display()))?;
    let mut command = Command::new("node");
    command.arg(&program).arg(&input).args(options).arg("-o").arg(&output);
    let run = command.output().context("cannot run node")?;
    if !run.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&run.stderr).trim());
    }
    fs::read(&output).with_context(|| format!("cannot read {}", output.display()))
}
