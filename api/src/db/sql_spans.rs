//! A span of each statement that runs within a span that is traced, with its text and without its values.

use crate::telemetry::traces::{self, TraceContext, trace_span};
use diesel::connection::{Instrumentation, InstrumentationEvent};
use tracing::Span;

/// What diesel writes between a statement and its values.
const BINDS: &str = " -- binds: ";
/// The most characters of a statement that are kept: those of many rows repeat themselves.
const MAX_TEXT: usize = 2_000;

/// Makes the spans of one connection's statements.
#[derive(Default)]
pub(super) struct SqlSpans {
    /// Of the statement that is under way.
    span: Option<Span>,
}

impl SqlSpans {
    /// For a new connection; none where nothing is traced.
    pub(super) fn of_connection() -> Option<Box<dyn Instrumentation>> {
        traces::is_on().then(|| Box::new(Self::default()) as _)
    }
}

impl Instrumentation for SqlSpans {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                // A statement of the server's own upkeep would be a trace by itself.
                self.span = TraceContext::current().is_sampled().then(|| {
                    let text = query.to_string();
                    let text = without_values(&text);
                    let operation = text.split_whitespace().next().unwrap_or("SQL").trim_end_matches(';');
                    trace_span!("sql", otel.name = operation, otel.kind = "client", db.query.text = text)
                });
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let (Some(span), Some(error)) = (self.span.take(), error) {
                    traces::set_failed(&span, error);
                }
            }
            _ => {}
        }
    }
}

fn without_values(text: &str) -> &str {
    let statement = text.split_once(BINDS).map_or(text, |(statement, _)| statement);
    let end = statement.char_indices().nth(MAX_TEXT).map_or(statement.len(), |(at, _)| at);
    &statement[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::schema::users;
    use diesel::prelude::*;
    use diesel::sqlite::Sqlite;

    #[test]
    fn a_statements_values_are_left_out() {
        let query = users::table.filter(users::email.eq("ada@example.com")).select(users::id);
        let text = diesel::debug_query::<Sqlite, _>(&query).to_string();
        assert!(text.contains("ada@example.com"));
        let shown = without_values(&text);
        assert!(shown.starts_with("SELECT") && shown.ends_with("`email` = ?)"), "{shown}");
    }
}
