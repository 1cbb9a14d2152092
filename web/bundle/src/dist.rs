//! The folder `web/dist`: replaced as a whole, and recognised when it need not be.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, ensure};

use crate::{assets::Files, compression::Variants, tree::Tree};

const FOLDER: &str = "web/dist";

/// In the folder itself, so that the two cannot part: the fingerprint, then a line per file.
const RECORD: &str = ".bundle";

/// What is in the folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dist {
    pub(crate) entries: Vec<Entry>,
}

/// One file, without its compressed variants; sizes in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) raw: u64,
    pub(crate) brotli: Option<u64>,
}

/// Adds the files of `web/public`, which keep their names.
pub(crate) fn add_public(tree: &Tree, files: &mut Files) -> anyhow::Result<()> {
    for path in tree.files_under("web/public", &[])? {
        let content = fs::read(tree.join(&path)).with_context(|| format!("cannot read {path}"))?;
        let name = path.trim_start_matches("web/public/").to_owned();
        ensure!(files.insert(name, content).is_none(), "{path} has the name of a file that the bundler makes");
    }
    Ok(())
}

impl Dist {
    /// The folder as it is, where it was made from inputs of this fingerprint and is whole.
    pub(crate) fn read_unless_changed(tree: &Tree, fingerprint: &str) -> anyhow::Result<Option<Self>> {
        let folder = tree.join(FOLDER);
        let Ok(record) = fs::read_to_string(folder.join(RECORD)) else {
            return Ok(None);
        };
        let mut lines = record.lines();
        if lines.next() != Some(fingerprint) {
            return Ok(None);
        }
        let Some(entries) = lines.map(Entry::parse).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let whole = entries.iter().all(|entry| entry.is_in(&folder));
        Ok(whole.then_some(Self { entries }))
    }

    /// Puts the files in place of the folder; until they are all written, the old ones stay.
    pub(crate) fn replace(tree: &Tree, files: &BTreeMap<String, Variants>, fingerprint: &str) -> anyhow::Result<Self> {
        let mut record = format!("{fingerprint}\n");
        let mut entries = Vec::new();
        let scratch = tempfile::Builder::new().prefix(".dist-").tempdir_in(tree.join("web"));
        let scratch = scratch.context("cannot make a folder in web")?;
        let (new, old) = (scratch.path().join("new"), scratch.path().join("old"));
        for (path, variants) in files {
            write(&new, path, &variants.raw)?;
            for (extension, variant) in [("br", &variants.brotli), ("gz", &variants.gzip)] {
                if let Some(packed) = variant {
                    write(&new, &format!("{path}.{extension}"), packed)?;
                }
            }
            let size = |content: &Vec<u8>| content.len() as u64;
            let brotli = variants.brotli.as_ref().map(size);
            let entry = Entry { path: path.clone(), raw: size(&variants.raw), brotli };
            record.push_str(&entry.to_line());
            entries.push(entry);
        }
        write(&new, RECORD, record.as_bytes())?;

        let folder = tree.join(FOLDER);
        if folder.exists() {
            fs::rename(&folder, &old).with_context(|| format!("cannot move {FOLDER} away"))?;
        }
        fs::rename(&new, &folder).with_context(|| format!("cannot put the new {FOLDER} in place"))?;
        Ok(Self { entries })
    }
}

impl Entry {
    fn to_line(&self) -> String {
        let brotli = self.brotli.map_or_else(|| "-".to_owned(), |size| size.to_string());
        format!("{} {brotli} {}\n", self.raw, self.path)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(3, ' ');
        let raw = fields.next()?.parse().ok()?;
        let brotli = match fields.next()? {
            "-" => None,
            size => Some(size.parse().ok()?),
        };
        Some(Self { path: fields.next()?.to_owned(), raw, brotli })
    }

    fn is_in(&self, folder: &Path) -> bool {
        let has = |name: &str, size| fs::metadata(folder.join(name)).is_ok_and(|file| file.len() == size);
        has(&self.path, self.raw) && self.brotli.is_none_or(|size| has(&format!("{}.br", self.path), size))
    }
}

fn write(folder: &Path, path: &str, content: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&path, content))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty_tree() -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), "web/bundle/Cargo.toml", b"").expect("a file");
        let tree = Tree::find(folder.path()).expect("the tree");
        (folder, tree)
    }

    fn files(names: &[&str]) -> BTreeMap<String, Variants> {
        let file = |name: &&str| {
            ((*name).to_owned(), Variants { raw: b"content".to_vec(), brotli: Some(b"br".to_vec()), gzip: None })
        };
        names.iter().map(file).collect()
    }

    #[test]
    fn the_new_files_take_the_place_of_the_old() {
        let (folder, tree) = empty_tree();
        Dist::replace(&tree, &files(&["assets/old.js"]), "1").expect("the first");
        let dist = Dist::replace(&tree, &files(&["assets/new.js", "a b.html"]), "2").expect("the second");
        assert_eq!(
            tree.files_under("web/dist", &[RECORD]).expect("files"),
            ["web/dist/a b.html", "web/dist/a b.html.br", "web/dist/assets/new.js", "web/dist/assets/new.js.br",]
        );
        assert_eq!(Dist::read_unless_changed(&tree, "2").expect("read"), Some(dist));
        let beside = fs::read_dir(folder.path().join("web")).expect("a folder").count();
        assert_eq!(beside, 2, "bundle and dist, no scratch folder");
    }

    #[test]
    fn another_fingerprint_or_a_missing_file_is_a_change() {
        let (folder, tree) = empty_tree();
        let unchanged = |fingerprint| Dist::read_unless_changed(&tree, fingerprint).expect("read").is_some();
        assert!(!unchanged("1"));
        Dist::replace(&tree, &files(&["index.html"]), "1").expect("the first");
        assert!(unchanged("1"));
        assert!(!unchanged("2"));
        fs::remove_file(folder.path().join("web/dist/index.html.br")).expect("removed");
        assert!(!unchanged("1"));
    }

    #[test]
    fn public_files_keep_their_names_and_take_no_other() {
        let (folder, tree) = empty_tree();
        write(folder.path(), "web/public/icons/a.svg", b"<svg/>").expect("a file");
        let mut files = Files::new();
        add_public(&tree, &mut files).expect("added");
        assert_eq!(files.keys().collect::<Vec<_>>(), ["icons/a.svg"]);
        let error = add_public(&tree, &mut files).expect_err("taken");
        assert!(error.to_string().contains("web/public/icons/a.svg"), "{error}");
    }
}
