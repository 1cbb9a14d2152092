//! Logs: structured events on standard error, as text on a terminal and as JSON elsewhere. Secrets are never logged:
//! types that hold one have a `Debug` that hides it, and no token is part of a request URL.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging with a filter such as `info` or `watchtape=debug,info`.
pub fn start(filter: EnvFilter) {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
}
