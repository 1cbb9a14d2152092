//! One hash of everything that the bundle is made from, so that an unchanged tree is recognised in a moment.
//!
//! It is of contents, not of times: a fresh clone, a branch switched forth and back and a `touch` change nothing.

use std::{env, fs, process::Command};

use anyhow::{Context as _, ensure};

use crate::{assets::digest, profile::Profile, tree::Tree};

/// Files and folders that the build reads. This tool's own sources are among them, in `web/bundle`.
const INPUTS: [&str; 6] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "shared", "web"];

/// Folders among the inputs that the build makes or never reads.
const SKIPPED: [&str; 4] = ["dist", "e2e", "node_modules", "target"];

/// Variables that change what cargo compiles.
const VARIABLES: [&str; 3] = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"];

/// The fingerprint of the tree as it is now, built in this way.
pub(crate) fn of(tree: &Tree, profile: Profile) -> anyhow::Result<String> {
    let mut inputs = Vec::new();
    let mut add = |name: &str, content: &[u8]| {
        // Lengths first, so that no two sets of inputs run together into the same bytes.
        for part in [name.as_bytes(), content] {
            inputs.extend((part.len() as u64).to_le_bytes());
            inputs.extend(part);
        }
    };

    add("profile", profile.cargo_name().as_bytes());
    add("rustc", &compiler_version()?);
    for name in VARIABLES {
        add(name, env::var_os(name).unwrap_or_default().as_encoded_bytes());
    }
    for input in INPUTS {
        for file in tree.files_under(input, &SKIPPED)? {
            add(&file, &fs::read(tree.join(&file)).with_context(|| format!("cannot read {file}"))?);
        }
    }
    Ok(digest(&inputs, 64))
}

fn compiler_version() -> anyhow::Result<Vec<u8>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("cannot run rustc")?;
    ensure!(output.status.success(), "rustc -vV failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_names_contents_and_profile_but_not_what_is_built() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |file: &str, text: &str| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("web/bundle/Cargo.toml", "");
        write("web/styles/a.css", "a{}");
        let tree = Tree::find(folder.path()).expect("the tree");
        let fingerprint = |profile| of(&tree, profile).expect("a fingerprint");

        let first = fingerprint(Profile::Web);
        assert_eq!(fingerprint(Profile::Web), first);
        assert_ne!(fingerprint(Profile::Dev), first);
        assert_ne!(fingerprint(Profile::Quick), first);

        write("web/dist/index.html", "built");
        write("web/e2e/list.test.js", "a test");
        assert_eq!(fingerprint(Profile::Web), first);

        write("web/styles/a.css", "b{}");
        let changed = fingerprint(Profile::Web);
        assert_ne!(changed, first);

        write("web/styles/a.css", "a{}");
        assert_eq!(fingerprint(Profile::Web), first);
        write("shared/src/new.rs", "");
        assert_ne!(fingerprint(Profile::Web), first);
    }
}
