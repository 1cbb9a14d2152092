//! File names that hold a hash of the content, so that a browser may keep each file for ever.

use std::{collections::BTreeMap, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use crate::bindings::Bindings;

/// Files of the bundle by their path in `web/dist`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Hexadecimal digits of a hash in a file name: 40 bits, far more than two versions of one file need.
const NAME_DIGITS: usize = 10;

/// What the page refers to, as URLs.
pub(crate) struct Links {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) wasm: String,
    pub(crate) boot: String,
}

/// Names the files. The boot script's name covers the other two scripts' names, which are in its text.
pub(crate) fn name(bindings: Bindings, styles: String) -> (Files, Links) {
    let mut files = Files::new();
    let mut add = |stem: &str, extension: &str, content: Vec<u8>| {
        let name = format!("{stem}-{}.{extension}", digest(&content, NAME_DIGITS));
        files.insert(format!("assets/{name}"), content);
        name
    };

    let style = add("app", "css", styles.into_bytes());
    let script = add("app", "js", bindings.script.into_bytes());
    let wasm = add("app", "wasm", bindings.wasm);
    let boot = add("boot", "js", boot_script(&script, &wasm).into_bytes());

    let url = |name: String| format!("/assets/{name}");
    (files, Links { style: url(style), script: url(script), wasm: url(wasm), boot: url(boot) })
}

/// Starts the app. A failure (no WebAssembly, a cut download) is left for the stylesheet to tell.
fn boot_script(script: &str, wasm: &str) -> String {
    format!(
        r#"import init from "./{script}";

init({{ module_or_path: new URL("./{wasm}", import.meta.url) }}).catch((error) => {{
  document.documentElement.dataset.boot = "failed";
  throw error;
}});
"#
    )
}

/// The first `digits` hexadecimal digits of the content's SHA-256.
pub(crate) fn digest(content: &[u8], digits: usize) -> String {
    let mut text = Sha256::digest(content).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(script: &str, wasm: &[u8]) -> (Files, Links) {
        name(Bindings { script: script.to_owned(), wasm: wasm.to_vec() }, "a{b:c}".to_owned())
    }

    #[test]
    fn a_digest_is_the_head_of_sha_256() {
        assert_eq!(digest(b"abc", 10), "ba7816bf8f");
    }

    #[test]
    fn only_names_of_changed_contents_change() {
        let (files, before) = named("script", b"wasm");
        let (_, after) = named("script", b"other wasm");
        assert_eq!((before.style, before.script), (after.style, after.script));
        assert_ne!(before.wasm, after.wasm);
        assert_ne!(before.boot, after.boot);
        assert_eq!(files.len(), 4);
    }

    #[test]
    fn the_boot_script_names_files_that_exist() {
        let (files, links) = named("script", b"wasm");
        let boot = String::from_utf8(files[links.boot.trim_start_matches('/')].clone()).expect("text");
        for url in [links.script, links.wasm] {
            assert!(files.contains_key(url.trim_start_matches('/')), "{url}");
            assert!(boot.contains(&url.replace("/assets/", "\"./")), "{url} in {boot}");
        }
    }
}
