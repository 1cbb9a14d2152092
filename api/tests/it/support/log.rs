//! The log of every server in this process, and of the clients beside them: all that they could say is written, looked at
//! for secrets, and dropped.

use super::secrets;
use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything of ours, and of the others what they would tell somebody who looks for an error.
pub(crate) const FILTER: &str = "debug,watchtape=trace";

static LINES: AtomicUsize = AtomicUsize::new(0);

static WATCHED: LazyLock<()> = LazyLock::new(|| {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        // What is on a span alone, too.
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(|| Watcher)
        .init();
});

/// Watches from here on. Before the first server, client or database of a test.
pub(crate) fn watch() {
    LazyLock::force(&WATCHED);
}

/// How many lines have been looked at.
pub(crate) fn lines() -> usize {
    LINES.load(Ordering::Relaxed)
}

/// Gets each line whole.
struct Watcher;

impl io::Write for Watcher {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        secrets::watch_line("the log of this process", &String::from_utf8_lossy(line));
        LINES.fetch_add(1, Ordering::Relaxed);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
