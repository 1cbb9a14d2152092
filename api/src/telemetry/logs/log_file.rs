//! A log file, which may be moved away while it is written to, as logrotate does: a new one is begun within a second.

use crate::clock;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often it is looked whether the file is still in its place.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The file of `WATCHTAPE_LOG_FILE`, appended to. It is created with mode 0640.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    checked_at: Instant,
}

impl LogFile {
    /// Opens the file, or creates it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: append_to(path)?, checked_at: clock::monotonic() })
    }

    /// Begins a new file where the one that was opened has been moved away. Where that fails the old one is written to.
    fn reopen_if_moved(&mut self) {
        let is_here = |found: std::fs::Metadata| {
            self.file.metadata().is_ok_and(|open| (open.dev(), open.ino()) == (found.dev(), found.ino()))
        };
        if !std::fs::metadata(&self.path).is_ok_and(is_here)
            && let Ok(file) = append_to(&self.path)
        {
            self.file = file;
        }
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.checked_at.elapsed() >= CHECK_INTERVAL {
            self.checked_at = clock::monotonic();
            self.reopen_if_moved();
        }
        self.file.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o640).open(path)
}
