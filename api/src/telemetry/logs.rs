//! Logs: structured events on standard error or in a file. Secrets are never logged: types that hold one have a `Debug` that
//! hides it, and no token is part of a request URL. docs/logging.md lists the events.
//!
//! Lines are written by a thread of their own. A reader that stops, a full disk or a closed pipe costs lines, which are
//! counted, and never holds up or ends the server.

mod journal;
mod log_file;

use super::traces::{self, Traces};
use journal::JournalFormat;
use log_file::LogFile;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt};

/// Lines that may wait to be written.
const LINES_WAITING: usize = 8_192;

/// Lines that found no room.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();
/// Lines that could not be written.
static UNWRITTEN: AtomicU64 = AtomicU64::new(0);

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// An object of JSON a line.
    Json,
    /// Text for people.
    Text,
    /// Text with the priority that systemd's journal reads.
    Journald,
}

impl std::str::FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            "journald" => Ok(Self::Journald),
            _ => Err("a log format is json, text or journald"),
        }
    }
}

/// Where and how to log.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Such as `info` or `watchtape=debug,info`.
    pub filter: EnvFilter,
    /// `None`: text on a terminal, the journal's where it reads standard error, else JSON.
    pub format: Option<LogFormat>,
    /// `None`: standard error.
    pub file: Option<PathBuf>,
}

/// Writes what waits when it is dropped, for a second at most.
pub struct Logs(#[expect(dead_code, reason = "its drop writes what waits")] WorkerGuard);

/// Starts logging, panics included, and hands spans to `traces`. An error is one line for the operator: the file cannot be
/// opened.
pub(super) fn start(settings: LogSettings, traces: Option<&Traces>) -> Result<Logs, String> {
    let LogSettings { filter, format, file } = settings;
    let is_file = file.is_some();
    let writer: Box<dyn Write + Send> = match &file {
        Some(path) => Box::new(LogFile::open(path).map_err(|error| unopened(path, &error))?),
        None => Box::new(io::stderr()),
    };
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).finish(CountedWriter(writer));
    // The first of a process counts: there is no other.
    let _ = DROPPED.set(writer.error_counter());
    let is_terminal = !is_file && io::stderr().is_terminal();
    let lines = fmt::layer::<Registry>().log_internal_errors(false).with_ansi(is_terminal).with_writer(writer);
    let lines = match format.unwrap_or_else(|| default_format(is_file, is_terminal)) {
        LogFormat::Text => lines.boxed(),
        LogFormat::Journald => lines.with_ansi(false).event_format(JournalFormat::default()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    // A span of traces is not to stand for the request in its lines.
    let filter = filter.add_directive(format!("{}=off", traces::TARGET).parse().expect("a directive"));
    match traces {
        // One filter before everything: what it turns away costs a comparison.
        None => tracing_subscriber::registry().with(lines).with(filter).init(),
        Some(traces) => tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces.layer()).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let cause = panic.payload_as_str().unwrap_or("it has no text");
        tracing::error!(place, cause, "a panic");
    }));
    Ok(Logs(guard))
}

/// How many lines were lost since the start: nobody took them in time, or they could not be written.
pub fn dropped_lines() -> u64 {
    let dropped = DROPPED.get().map_or(0, ErrorCounter::dropped_lines);
    dropped as u64 + UNWRITTEN.load(Ordering::Relaxed)
}

fn default_format(is_file: bool, is_terminal: bool) -> LogFormat {
    match (is_file, is_terminal) {
        (false, true) => LogFormat::Text,
        (false, false) if journal::reads_standard_error() => LogFormat::Journald,
        _ => LogFormat::Json,
    }
}

fn unopened(path: &Path, error: &io::Error) -> String {
    format!("WATCHTAPE_LOG_FILE {}: {error}", path.display())
}

/// Counts lines that could not be written. There is nobody else to tell.
struct CountedWriter(Box<dyn Write + Send>);

impl Write for CountedWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.write_all(line).is_err() {
            UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
