//! Splits the compiled app at the functions that it marks: what only the pages behind them need becomes files of its
//! own, which the browser loads when one of them is opened.
//!
//! Works on the linker's relocations (`--emit-relocs` in `.cargo/config.toml`), so it comes before the bindings.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};
use wasm_split_cli_support::{Options, transform};

/// What `Link::script` is imported as by the program's own script.
pub(crate) const LINK: &str = "./__wasm_split.js";

/// What `Link::script` imports the program's script as.
pub(crate) const PROGRAM: &str = "./main.js";

/// A program in parts.
pub(crate) struct Split {
    /// What is loaded first; still without bindings.
    pub(crate) main: Vec<u8>,
    pub(crate) parts: Parts,
}

/// What is loaded later.
pub(crate) struct Parts {
    /// The module that loads the chunks; it names them as `./NAME.wasm`.
    pub(crate) link: String,
    pub(crate) chunks: Vec<Chunk>,
}

/// One wasm file.
pub(crate) struct Chunk {
    pub(crate) name: String,
    pub(crate) wasm: Vec<u8>,
}

/// Splits a compiled program.
pub(crate) fn split(wasm: &Path) -> anyhow::Result<Split> {
    let input = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let main = folder.path().join("main.wasm");
    let mut options = Options::new(&input);
    options.output_dir = folder.path();
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = PROGRAM;
    let split = transform(options).map_err(|error| anyhow!("cannot split {}: {error:#}", wasm.display()))?;

    let mut chunks = Vec::new();
    for path in split.split_modules {
        let name = path.file_stem().and_then(|stem| stem.to_str()).context("a chunk without a name")?.to_owned();
        let wasm = fs::read(&path).with_context(|| format!("cannot read the chunk {name}"))?;
        chunks.push(Chunk { name, wasm });
    }
    chunks.sort_by(|one, other| one.name.cmp(&other.name));
    let link = fs::read_to_string(folder.path().join(LINK)).context("cannot read the chunks' script")?;
    let main = fs::read(&main).context("cannot read the program's first part")?;
    Ok(Split { main, parts: Parts { link, chunks } })
}
