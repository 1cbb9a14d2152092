//! Builds the browser app into `web/dist`, ready to be served or put into the server's binary.
//!
//! ```text
//! web/src, shared/src ──cargo──▶ wasm ──bindgen──▶ js + wasm ──wasm-opt──┐
//! web/chart, lightweight-charts ───────────────────────▶ two scripts ────┤
//! web/styles/*.css ─────────────────────────────────▶ one stylesheet ────┤
//! web/index.html ──────────────────────────────────────▶ page ───────────┼─▶ hashed names ─▶ .br .gz ─▶ web/dist
//! web/sw/*.js ─────────────────────────────────────────▶ service worker ─┤
//! web/public/* ──────────────────────────────────────────────────────────┘
//! ```
//!
//! Deliberately absent: a development server (`make dev` runs the real one), source maps, and inline scripts, which
//! the content security policy forbids.

mod assets;
mod bindings;
mod boot;
mod chart;
mod compression;
mod dist;
mod fingerprint;
mod integrity;
mod optimizer;
mod page;
mod profile;
mod report;
mod scope;
mod shell;
mod split;
mod stylesheet;
mod texts;
mod tree;
mod wasm;

use std::{env, process::ExitCode, time::Instant};

use anyhow::{Context as _, bail};

use crate::{dist::Dist, profile::Profile, split::Split, tree::Tree};

const USAGE: &str = "Builds the browser app into web/dist.

Usage: watchtape-bundle [--dev | --quick]

  --dev     to change the app: dev profile, no wasm-opt, no .br and .gz files
  --quick   to try the app: larger, in a fraction of the time; one that is there in full is kept";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("watchtape-bundle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut profile = Profile::Web;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--dev" => profile = Profile::Dev,
            "--quick" => profile = Profile::Quick,
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => bail!("unknown argument {other:?}\n\n{USAGE}"),
        }
    }

    let started = Instant::now();
    let tree = Tree::find(&env::current_dir().context("no current folder")?)?;
    let fingerprint = fingerprint::of(&tree, profile)?;
    let mut good = vec![fingerprint.clone()];
    // What was made to be downloaded is as good to be tried.
    if profile == Profile::Quick {
        good.push(fingerprint::of(&tree, Profile::Web)?);
    }
    for known in &good {
        if let Some(dist) = Dist::read_unless_changed(&tree, known)? {
            print!("{}", report::summary(&dist, "unchanged", started.elapsed()));
            return Ok(());
        }
    }
    let dist = bundle(&tree, profile, &fingerprint)?;
    print!("{}{}", report::table(&dist), report::summary(&dist, "built", started.elapsed()));
    Ok(())
}

/// The whole build, in the order of the drawing above.
fn bundle(tree: &Tree, profile: Profile, fingerprint: &str) -> anyhow::Result<Dist> {
    let template = tree.read_text("web/index.html")?;
    let styles = stylesheet::join(tree)?;
    let mut chart = chart::read(tree)?;

    let compiled = wasm::compile(tree, profile)?;
    let Split { main, mut parts } = split::split(&compiled.wasm)?;
    let mut bindings = bindings::generate(&main, profile)?;
    if profile == Profile::Web {
        bindings = optimizer::optimize(tree, &bindings)?;
        parts = optimizer::optimize_parts(tree, parts)?;
        chart.module = optimizer::smaller_script(tree, &chart.module)?;
    }

    let texts = texts::read(&compiled.written)?;
    let (mut files, mut links) = assets::name(bindings, parts, styles, texts, chart);
    let version = shell::Version::of(&files, &template, tree)?;
    links.install = shell::add_installer(tree, &version, &mut files)?;
    dist::add_public(tree, &mut files)?;
    shell::add_worker(tree, &version, &links, &mut files)?;
    files.insert("index.html".to_owned(), page::fill(&template, &links)?.into_bytes());
    Dist::replace(tree, &compression::compress(files, profile)?, fingerprint)
}
