//! Lines for systemd's journal: text that begins with its priority (sd-daemon(3)).

use std::fmt;
use std::os::unix::fs::MetadataExt;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The text format without a time, which the journal has of its own, behind the event's priority.
pub(super) struct JournalFormat(Format<Full, ()>);

impl Default for JournalFormat {
    fn default() -> Self {
        Self(Format::default().without_time())
    }
}

impl<S, N> FormatEvent<S, N> for JournalFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}

/// Whether the journal reads standard error: systemd names its device and inode.
pub(super) fn reads_standard_error() -> bool {
    let named = std::env::var("JOURNAL_STREAM").ok();
    let Ok(found) = std::fs::metadata("/proc/self/fd/2") else { return false };
    named.is_some_and(|name| name == format!("{}:{}", found.dev(), found.ino()))
}
