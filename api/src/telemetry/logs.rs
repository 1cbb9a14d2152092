//! Logs: structured events, for people on a terminal and as JSON elsewhere. Secrets never reach them: what holds one has a
//! `Debug` that does not show it, and no token is part of a URL.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error, by a filter such as `info` or `watchtape=debug,info`.
pub fn start(filter: EnvFilter) {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
}
