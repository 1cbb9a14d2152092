//! Where things are: the work tree, and reading from it with errors that name the file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

/// The root of the work tree. Paths given to its methods are relative to it.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// The tree that `folder` is in, so that the command works from any of its folders.
    pub(crate) fn find(folder: &Path) -> anyhow::Result<Self> {
        match folder.ancestors().find(|folder| folder.join("web/bundle/Cargo.toml").is_file()) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => bail!("{} is not inside Watchtape's work tree", folder.display()),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(crate) fn read_text(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.join(path)).with_context(|| format!("cannot read {path}"))
    }

    /// Every file under `folder`, as its path from the root with `/` between names, in order.
    ///
    /// Names in `skip` are not entered. A `folder` that is a file answers itself; one that is missing has no files.
    pub(crate) fn files_under(&self, folder: &str, skip: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut files = Vec::new();
        self.collect(folder, skip, &mut files).with_context(|| format!("cannot list {folder}"))?;
        files.sort();
        Ok(files)
    }

    fn collect(&self, path: &str, skip: &[&str], files: &mut Vec<String>) -> io::Result<()> {
        let full = self.join(path);
        if full.is_file() {
            files.push(path.to_owned());
        } else if full.is_dir() {
            for entry in fs::read_dir(full)? {
                let name = entry?.file_name();
                let name = name.to_str().ok_or_else(|| io::Error::other(format!("{name:?} is not UTF-8")))?;
                if !skip.contains(&name) && !name.starts_with(".dist-") {
                    self.collect(&format!("{path}/{name}"), skip, files)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_with(files: &[&str]) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files.iter().chain(&["web/bundle/Cargo.toml"]) {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            fs::write(path, *file).expect("a file");
        }
        let tree = Tree::find(folder.path()).expect("the tree");
        (folder, tree)
    }

    #[test]
    fn finds_the_root_from_a_folder_deep_inside() {
        let (folder, tree) = tree_with(&["web/src/pages/list.rs"]);
        let found = Tree::find(&folder.path().join("web/src/pages")).expect("the tree");
        assert_eq!(found.root(), tree.root());
    }

    #[test]
    fn lists_files_in_order_without_the_skipped_folders() {
        let (_folder, tree) = tree_with(&["web/b.css", "web/a/z.css", "web/dist/old.css", "web/.dist-7/new.css"]);
        let files = tree.files_under("web", &["dist", "bundle"]).expect("the files");
        assert_eq!(files, ["web/a/z.css", "web/b.css"]);
        assert!(tree.files_under("web/none", &[]).expect("no files").is_empty());
    }
}
