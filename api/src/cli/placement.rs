//! SQLite databases that get their name once they are whole: written beside it, synchronised with the disk, and renamed.
//!
//! A command that is killed leaves at most the unfinished file, which the next one of the same name takes over.

use crate::db::sqlite_file::companions;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// An SQLite database that has not got its name yet; removed when dropped before that.
pub(super) struct Unfinished {
    path: PathBuf,
    target: PathBuf,
    // Locked: of two commands for the same name the second one is refused.
    _lock: File,
}

const TAKEN: &str = "another command writes this file";

/// Whether a file of that name is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    Replace,
    Keep,
}

impl Unfinished {
    /// An empty file beside `target`, readable by its owner alone. An error of which the text names the file.
    pub(super) fn create(target: &Path) -> Result<Self, String> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().ok_or_else(|| format!("{}: it names no file", target.display()))?);
        name.push(".part");
        let path = target.with_file_name(name);
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        remove_leftover(&path).map_err(|error| wrong(&error))?;
        let mut options = OpenOptions::new();
        let made = options.create_new(true).write(true).mode(0o600).open(&path);
        let lock = made.map_err(|error| wrong(&error))?;
        lock.try_lock().map_err(|_| wrong(&TAKEN))?;
        Ok(Self { path, target: target.to_owned(), _lock: lock })
    }

    /// Where it is until then.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Has it on the disk, under its name.
    pub(super) fn finish(self, existing: Existing) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        match existing {
            Existing::Replace => std::fs::rename(&self.path, &self.target)?,
            Existing::Keep => place_as_new(&self.path, &self.target)?,
        }
        sync_folder_of(&self.target)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is none.
        let _ = std::fs::remove_file(&self.path);
        for companion in companions(&self.path) {
            let _ = std::fs::remove_file(companion);
        }
    }
}

/// Removes what a command that was killed has left. It is not emptied and used: it may have got its name already, and be
/// another name of the same file.
fn remove_leftover(path: &Path) -> io::Result<()> {
    let left = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        left => left?,
    };
    left.try_lock().map_err(|_| io::Error::other(TAKEN))?;
    for companion in companions(path).into_iter().filter(|companion| companion.exists()) {
        std::fs::remove_file(companion)?;
    }
    std::fs::remove_file(path)
}

/// A link fails where the name is taken, a rename does not.
fn place_as_new(path: &Path, target: &Path) -> io::Result<()> {
    match std::fs::hard_link(path, target) {
        Err(error) if has_no_links(&error) => {
            if target.exists() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(path, target)
        }
        linked => linked,
    }
}

/// Whether a file system has no hard links.
pub(super) fn has_no_links(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

/// Has the names of a folder's files on the disk.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
