//! `wasm-opt`, from the npm package `binaryen` that web/bundle/package-lock.json pins.

use std::{fs, process::Command};

use anyhow::{Context as _, bail, ensure};

use crate::tree::Tree;

const PROGRAM: &str = "web/bundle/node_modules/binaryen/bin/wasm-opt";

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
pub(crate) fn optimize(tree: &Tree, wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let program = tree.join(PROGRAM);
    ensure!(program.is_file(), "wasm-opt is not installed: make setup");

    let folder = tempfile::tempdir().context("no temporary folder")?;
    let (input, output) = (folder.path().join("in.wasm"), folder.path().join("out.wasm"));
    fs::write(&input, wasm).with_context(|| format!("cannot write {}", input.display()))?;
    let run = Command::new("node")
        .arg(program)
        .args(["-Oz", "--strip-debug", "--strip-producers"])
        .args(FEATURES)
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .output()
        .context("cannot run node")?;
    if !run.status.success() {
        bail!("wasm-opt failed: {}", String::from_utf8_lossy(&run.stderr).trim());
    }
    fs::read(&output).with_context(|| format!("cannot read {}", output.display()))
}
