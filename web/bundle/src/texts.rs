//! The texts of each language but English, which is compiled in. They are written by `web/build.rs`, in the order in
//! which the app numbers them.

use std::{fs, path::Path};

use anyhow::Context as _;

/// A language and its texts, one a line.
pub(crate) struct Texts {
    pub(crate) language: String,
    pub(crate) lines: Vec<u8>,
}

/// The files `texts-LANGUAGE.txt` of a folder, in the order of their languages.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Texts>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let language = stem.strip_prefix("texts-").filter(|language| *language != "en");
        if let Some(language) = language {
            let lines = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            texts.push(Texts { language: language.to_owned(), lines });
        }
    }
    texts.sort_by(|one, other| one.language.cmp(&other.language));
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_but_english_is_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in ["texts-de.txt", "texts-en.txt", "texts-ar.txt", "texts.rs"] {
            fs::write(folder.path().join(file), file).expect("a file");
        }
        let found = read(folder.path()).expect("texts");
        let languages: Vec<&str> = found.iter().map(|texts| texts.language.as_str()).collect();
        assert_eq!(languages, ["ar", "de"]);
        assert_eq!(found[1].lines, b"texts-de.txt");
    }
}
