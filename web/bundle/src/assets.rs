//! File names that hold a hash of the content, so that a browser may keep each file for ever.

use std::{collections::BTreeMap, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use crate::{
    bindings::Bindings,
    boot,
    chart::{self, Chart},
    integrity,
    split::{self, Parts},
    texts::Texts,
};

/// Files of the bundle by their path in `web/dist`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Hexadecimal digits of a hash in a file name: 40 bits, far more than two versions of one file need.
pub(crate) const NAME_DIGITS: usize = 10;

/// What the page refers to, as URLs.
pub(crate) struct Links {
    pub(crate) style: String,
    pub(crate) script: String,
    /// The module that loads what comes later; the script imports it.
    pub(crate) link: String,
    pub(crate) wasm: String,
    pub(crate) boot: String,
    /// Installs the service worker; named once every other file is.
    pub(crate) install: String,
    /// The module of the chart, which a security's page loads.
    pub(crate) chart: String,
    /// Each language but English, and its texts.
    pub(crate) texts: Vec<(String, String)>,
}

/// Names the files. A script's name covers the names of the files that it loads, which are in its text; the program's and
/// its link, which import each other, are named by both of their texts.
pub(crate) fn name(
    bindings: Bindings,
    parts: Parts,
    styles: String,
    texts: Vec<Texts>,
    chart: Chart,
) -> (Files, Links) {
    let mut files = Files::new();
    let mut add = |stem: &str, extension: &str, content: Vec<u8>| {
        let name = format!("{stem}-{}.{extension}", digest(&content, NAME_DIGITS));
        files.insert(format!("assets/{name}"), content);
        name
    };

    let style = add("app", "css", styles.into_bytes());
    let texts: Vec<_> = texts
        .into_iter()
        .map(|texts| {
            let name = add(&format!("texts-{}", texts.language), "txt", texts.lines);
            (texts.language, format!("/assets/{name}"))
        })
        .collect();
    let mut link = parts.link;
    for chunk in parts.chunks {
        let digest_of_chunk = integrity::of(&chunk.wasm);
        let name = add(&chunk.name, "wasm", chunk.wasm);
        link = asking_for_part(&link, &chunk.name, &name, &digest_of_chunk);
    }
    link.insert_str(0, PART);
    let both = digest(format!("{}{link}", bindings.script).as_bytes(), NAME_DIGITS);
    let (script, link_name) = (format!("app-{both}.js"), format!("link-{both}.js"));
    let scripts = [
        (&script, importing_from(&bindings.script, split::LINK, &format!("./{link_name}"))),
        (&link_name, importing_from(&link, split::PROGRAM, &format!("./{script}"))),
    ];
    let wasm = add("app", "wasm", bindings.wasm);
    let boot = add("boot", "js", boot::script(&script, &link_name, &wasm).into_bytes());

    let library = add("lightweight-charts", "js", chart.library.into_bytes());
    let module = importing_from(&chart.module, chart::LIBRARY, &format!("./{library}"));
    let chart_module = add("price-chart", "js", module.into_bytes());

    files.insert(chart::LICENCES.to_owned(), chart.licences.into_bytes());
    files.extend(scripts.map(|(name, text)| (format!("assets/{name}"), text.into_bytes())));
    let url = |name: String| format!("/assets/{name}");
    let links = Links {
        style: url(style),
        script: url(script),
        link: url(link_name),
        wasm: url(wasm),
        boot: url(boot),
        install: String::new(),
        chart: url(chart_module),
        texts,
    };
    (files, links)
}

/// Asks for a part of the app. What a cache has in its place, or what a proxy answers, is no part: past the cache then.
const PART: &str = r#"const part = (path, integrity) => {
  const url = new URL(path, import.meta.url);
  return fetch(url, { integrity }).catch(() => fetch(url, { integrity, cache: "reload" }));
};
"#;

/// The script with a chunk asked for by the name of its file, and for these contents alone.
fn asking_for_part(link: &str, chunk: &str, file: &str, integrity: &str) -> String {
    let asks = |space: &str| format!("fetch(new URL(\"./{chunk}.wasm\",{space}import.meta.url))");
    let part = format!("part(\"./{file}\", \"{integrity}\")");
    link.replace(&asks(""), &part).replace(&asks(" "), &part)
}

/// The script with its import from `before` made one from `after`. The same words stand elsewhere too, as the name by which
/// the wasm knows that module.
fn importing_from(script: &str, before: &str, after: &str) -> String {
    let with = |space: &str, path: &str| format!("from{space}\"{path}\"");
    script.replace(&with("", before), &with("", after)).replace(&with(" ", before), &with(" ", after))
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

    #[test]
    fn a_part_is_asked_for_with_the_digest_of_its_contents() {
        for space in ["", " "] {
            let link = format!("a=fetch(new URL(\"./chunk_1.wasm\",{space}import.meta.url));");
            let asked = asking_for_part(&link, "chunk_1", "chunk_1-f00.wasm", &integrity::of(b"abc"));
            let digest = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
            assert_eq!(asked, format!("a=part(\"./chunk_1-f00.wasm\", \"{digest}\");"));
        }
    }

    fn named(script: &str, wasm: &[u8]) -> (Files, Links) {
        let parts = Parts { link: format!("import x from \"{}\"", split::PROGRAM), chunks: Vec::new() };
        let chart = Chart {
            library: "library".to_owned(),
            module: format!("import {{ createChart }} from \"{}\";", chart::LIBRARY),
            licences: "licences".to_owned(),
        };
        let bindings = Bindings { script: script.to_owned(), wasm: wasm.to_vec() };
        name(bindings, parts, "a{b:c}".to_owned(), Vec::new(), chart)
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
        assert_eq!(files.len(), 8);
    }

    #[test]
    fn the_chart_imports_its_library_by_a_name_that_exists_and_brings_its_licences() {
        let (files, links) = named("script", b"wasm");
        let module = String::from_utf8(files[links.chart.trim_start_matches('/')].clone()).expect("text");
        let library = files.keys().find(|path| path.starts_with("assets/lightweight-charts-")).expect("the library");
        assert!(module.contains(&library.replace("assets/", "\"./")), "{library} in {module}");
        assert_eq!(files[chart::LICENCES], b"licences");
    }

    #[test]
    fn the_boot_script_names_files_that_exist() {
        let (files, links) = named("script", b"wasm");
        let boot = String::from_utf8(files[links.boot.trim_start_matches('/')].clone()).expect("text");
        for url in [&links.script, &links.wasm] {
            assert!(files.contains_key(url.trim_start_matches('/')), "{url}");
        }
        assert!(boot.contains(&links.script.replace("/assets/", "\"./")), "{boot}");
        assert!(boot.contains(&links.wasm), "{boot}");
    }
}
