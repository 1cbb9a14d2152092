//! Makes functions of the app's texts, so that a text that is missing, or is given other words than it has places for,
//! does not compile.
//!
//! ```text
//! texts/en/list.txt   removed = {symbol} was removed.   ──▶  texts::list::removed(&symbol) -> String
//! texts/de/list.txt   removed = {symbol} wurde entfernt.
//! ```
//!
//! English decides which texts there are; every other language must have the same ones with the same places. An English
//! text is compiled into its function, so that it is loaded with the part of the app that says it. The texts of every
//! other language, one a line in the order of the functions, are a file, `$OUT_DIR/texts-LANGUAGE.txt`, that the bundler
//! takes from there and the browser loads when it needs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A language's texts: by file and key.
type Texts = BTreeMap<(String, String), String>;

fn main() {
    println!("cargo:rerun-if-changed=texts");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let folders = fs::read_dir("texts").expect("the folder texts").map(|entry| entry.expect("an entry").path());
    let english = read(Path::new("texts/en"));
    let mut languages = BTreeMap::new();
    for folder in folders {
        let texts = read(&folder);
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a language");
        check(name, &english, &texts);
        let lines: Vec<&str> = texts.values().map(String::as_str).collect();
        fs::write(out.join(format!("texts-{name}.txt")), lines.join("\n")).expect("OUT_DIR can be written");
        languages.insert(name.to_owned(), texts[&("language".to_owned(), "name".to_owned())].clone());
    }
    fs::write(out.join("texts.rs"), functions(&english) + &list(&languages)).expect("OUT_DIR can be written");
}

/// Reads `key = text` lines; a `#` begins a comment.
fn read(folder: &Path) -> Texts {
    let mut texts = Texts::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        let file = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let content = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for line in content.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let (key, text) = line.split_once(" = ").unwrap_or_else(|| panic!("{}: {line:?}", path.display()));
            let held = texts.insert((file.clone(), key.to_owned()), text.to_owned());
            assert!(held.is_none(), "{}: {key} is there twice", path.display());
        }
    }
    texts
}

fn check(language: &str, english: &Texts, texts: &Texts) {
    for (key, text) in english {
        let other = texts.get(key).unwrap_or_else(|| panic!("texts/{language} has no {}.{}", key.0, key.1));
        let (mut wanted, mut found) = (places(text), places(other));
        wanted.sort_unstable();
        found.sort_unstable();
        assert!(wanted == found, "texts/{language}: {}.{} has other places than the English text", key.0, key.1);
    }
    for key in texts.keys() {
        assert!(english.contains_key(key), "texts/{language}: there is no {}.{} in English", key.0, key.1);
    }
}

/// The names in braces.
fn places(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    let mut names: Vec<&str> = Vec::new();
    for part in parts {
        let name = part.split('}').next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn functions(english: &Texts) -> String {
    let mut code = String::new();
    let mut file = "";
    for (at, ((next, key), text)) in english.iter().enumerate() {
        if next != file {
            code += if file.is_empty() { "" } else { "}\n" };
            let _ = writeln!(code, "pub(crate) mod {next} {{");
            file = next;
        }
        // A language is asked for its name before it is spoken: that one stands in the list of languages.
        if next == "language" && key == "name" {
            continue;
        }
        let names = places(text);
        let (parameters, values): (Vec<_>, Vec<_>) = names
            .iter()
            .map(|name| (format!("{name}: &dyn std::fmt::Display"), format!("(\"{name}\", {name})")))
            .unzip();
        let _ = match names.is_empty() {
            true => writeln!(code, "    pub(crate) fn {key}() -> &'static str {{ super::text({at}, {text:?}) }}"),
            false => writeln!(
                code,
                "    pub(crate) fn {key}({}) -> String {{ super::filled({at}, {text:?}, &[{}]) }}",
                parameters.join(", "),
                values.join(", ")
            ),
        };
    }
    code += "}\n";
    let _ = writeln!(code, "/// How many texts there are.\nconst COUNT: usize = {};", english.len());
    code
}

/// Every language with what it calls itself, English first.
fn list(languages: &BTreeMap<String, String>) -> String {
    let mut pairs: Vec<_> = languages.iter().collect();
    pairs.sort_by_key(|(language, _)| *language != "en");
    format!(
        "/// The languages there are, each with its own name.\npub(crate) const LANGUAGES: &[(&str, &str)] = &{pairs:?};\n"
    )
}
