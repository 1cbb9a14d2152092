//! The npm packages that make the app smaller, as web/bundle/package-lock.json pins them: `wasm-opt` of binaryen, and
//! terser for the scripts.

use std::{ffi::OsStr, fs, process::Command};

use anyhow::{Context as _, bail, ensure};

use crate::{
    bindings::Bindings,
    split::{Chunk, Parts},
    tree::Tree,
};

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
    Ok(Bindings { wasm: smaller_wasm(tree, &bindings.wasm)?, script: smaller_script(tree, &bindings.script)? })
}

/// The same parts, smaller.
pub(crate) fn optimize_parts(tree: &Tree, parts: Parts) -> anyhow::Result<Parts> {
    let chunks = parts.chunks.into_iter();
    let chunks = chunks.map(|Chunk { name, wasm }| Ok(Chunk { name, wasm: smaller_wasm(tree, &wasm)? }));
    Ok(Parts { chunks: chunks.collect::<anyhow::Result<_>>()?, link: smaller_script(tree, &parts.link)? })
}

fn smaller_wasm(tree: &Tree, wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut options = vec!["-Oz", "--strip-debug", "--strip-producers"];
    options.extend(FEATURES);
    through(tree, WASM_OPT, &options, wasm)
}

/// The same module, smaller.
pub(crate) fn smaller_script(tree: &Tree, script: &str) -> anyhow::Result<String> {
    let script = through(tree, TERSER, &["--module", "--compress", "--mangle"], script.as_bytes())?;
    String::from_utf8(script).context("terser wrote no text")
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
