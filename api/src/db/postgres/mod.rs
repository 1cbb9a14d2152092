//! A connection to PostgreSQL for diesel, on tokio-postgres: diesel's own is libpq's, whose calls nothing can interrupt and
//! whose errors come without their SQLSTATE.
//!
//! Each call blocks its thread until the server has answered, or until a deadline, after which the connection is given up.
//! Sockets are served by a thread of their own. Deliberately absent: types of the database's own, `COPY` and notifications.

mod error;
mod row;
mod statement;
mod tls;
mod url;

pub(super) use error::sqlstate;
pub(super) use url::PostgresUrl;

use super::sql_spans::SqlSpans;
use crate::clock;
use diesel::connection::{
    AnsiTransactionManager, CacheSize, ConnectionSealed, Instrumentation, InstrumentationEvent, LoadConnection,
    MultiConnectionHelper, SimpleConnection, StrQueryHelper, TransactionManager,
};
use diesel::expression::QueryMetadata;
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::pg::{Pg, PgMetadataLookup};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::r2d2::R2D2Connection;
use diesel::sql_types::TypeMetadata;
use diesel::{Connection, ConnectionError, ConnectionResult, QueryResult};
use error::{no_answer, query_error};
use futures_executor::block_on;
use row::PostgresRow;
use statement::{BuiltInTypes, Outcome, Prepared};
use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Statement};

/// The thread that serves the sockets of all connections.
static SOCKETS: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("postgres").enable_all().build().expect("a thread can be started")
});

/// How long an answer may take: longer than the server's own timeout of a statement. A server that says nothing until then
/// is gone.
const ANSWER_DEADLINE: Duration = Duration::from_secs(8);
/// The server's own timeouts, and what else a session begins with.
const SESSION: &str =
    "SET statement_timeout = '6s'; SET lock_timeout = '4s'; SET TIME ZONE 'UTC'; SET client_min_messages = warning;";
/// The same of a transaction, where a pooler gives each another session.
const TRANSACTION: &str =
    "SET LOCAL statement_timeout = '6s'; SET LOCAL lock_timeout = '4s'; SET LOCAL TIME ZONE 'UTC'";

/// A connection to a PostgreSQL server.
pub struct PostgresConnection {
    client: Arc<Client>,
    socket: AbortHandle,
    statements: HashMap<String, Statement>,
    transactions: AnsiTransactionManager,
    instrumentation: Option<Box<dyn Instrumentation>>,
    answer_deadline: Duration,
    answered_at: Instant,
    is_silent: bool,
    /// Whether nothing stays on the server between two transactions: neither settings nor statements nor locks.
    is_pooled: bool,
    /// Whether a statement has failed since the transaction began.
    has_failed: bool,
}

impl PostgresConnection {
    /// Opens a connection. Blocks, for a few seconds at most.
    pub fn open(url: &PostgresUrl) -> ConnectionResult<Self> {
        let _sockets = SOCKETS.enter();
        let deadline = url.deadline();
        let opened = block_on(async { tokio::time::timeout(deadline, url.connect()).await });
        let (client, socket) = opened
            .map_err(|_| ConnectionError::BadConnection(format!("no connection within {deadline:?}")))?
            .map_err(|error| ConnectionError::BadConnection(error::in_full(&error)))?;
        let mut connection = Self {
            client: Arc::new(client),
            socket,
            statements: HashMap::new(),
            transactions: AnsiTransactionManager::default(),
            instrumentation: SqlSpans::of_connection(),
            answer_deadline: ANSWER_DEADLINE,
            answered_at: clock::monotonic(),
            is_silent: false,
            is_pooled: url.is_pooled,
            has_failed: false,
        };
        if !url.is_pooled {
            connection.batch_execute(SESSION).map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        Ok(connection)
    }

    /// Has statements take as long as they need. Behind a pooler the role's own limit stays.
    pub fn without_deadline(&mut self) -> QueryResult<()> {
        self.answer_deadline = Duration::MAX;
        if self.is_pooled { Ok(()) } else { self.batch_execute("SET statement_timeout = 0") }
    }

    /// Has the statements of the present transaction take as long as they need, as a migration's may. Locks are waited for no
    /// longer than else.
    pub fn without_deadline_in_transaction(&mut self) -> QueryResult<()> {
        self.answer_deadline = Duration::MAX;
        if self.is_pooled {
            self.batch_execute(TRANSACTION)?;
        }
        self.batch_execute("SET LOCAL statement_timeout = 0")
    }

    /// What begins a transaction: `begin`, and what a session that a pooler has lent does not have yet.
    pub fn begin_sql(&self, begin: &'static str) -> Cow<'static, str> {
        if self.is_pooled { format!("{begin}; {TRANSACTION}").into() } else { begin.into() }
    }

    /// Whether locks of a session are of no use, as each transaction may be on another one.
    pub fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// When the server last answered.
    pub fn answered_at(&self) -> Instant {
        self.answered_at
    }

    /// Whether the server has not answered in time. The connection is of no more use.
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// Begins to note whether a statement fails.
    pub fn forget_failures(&mut self) {
        self.has_failed = false;
    }

    /// Whether a statement has failed since. The server answers a commit then as if it had taken place, and rolls back.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Looks whether the server answers, within the deadline.
    pub fn check(&mut self, deadline: Duration) -> QueryResult<()> {
        let usual = std::mem::replace(&mut self.answer_deadline, deadline);
        let checked = self.batch_execute("");
        self.answer_deadline = usual;
        checked
    }

    fn wait<T>(&mut self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> QueryResult<T> {
        let _sockets = SOCKETS.enter();
        match block_on(async { tokio::time::timeout(self.answer_deadline, work).await }) {
            Ok(Ok(answer)) => {
                self.answered_at = clock::monotonic();
                Ok(answer)
            }
            Ok(Err(error)) => {
                let is_closed = self.client.is_closed();
                let transactions = AnsiTransactionManager::transaction_manager_status_mut(self);
                if is_closed {
                    transactions.set_in_error();
                } else {
                    transactions.set_requires_rollback_maybe_up_to_top_level(true);
                }
                self.has_failed = true;
                Err(query_error(&error))
            }
            Err(_) => {
                self.is_silent = true;
                self.socket.abort();
                AnsiTransactionManager::transaction_manager_status_mut(self).set_in_error();
                Err(no_answer(self.answer_deadline))
            }
        }
    }

    fn run(&mut self, query: &(impl QueryFragment<Pg> + QueryId)) -> QueryResult<Outcome> {
        let prepared = Prepared::new(query)?;
        if self.instrumentation.is_none() {
            return self.run_prepared(prepared);
        }
        self.told(&prepared.sql.clone(), |connection| connection.run_prepared(prepared))
    }

    /// Tells the instrumentation of a statement's begin and end.
    fn told<T>(&mut self, sql: &str, run: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        let query = StrQueryHelper::new(sql);
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&query));
        let done = run(self);
        let error = done.as_ref().err();
        self.instrumentation.on_connection_event(InstrumentationEvent::finish_query(&query, error));
        done
    }

    fn run_prepared(&mut self, prepared: Prepared) -> QueryResult<Outcome> {
        let client = self.client.clone();
        // A statement stays with the session that prepared it.
        if !prepared.is_cacheable || self.is_pooled {
            return self.wait(prepared.run_once(&client));
        }
        let statement = match self.statements.get(&prepared.sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.wait(client.prepare_typed(&prepared.sql, &prepared.types))?;
                self.statements.insert(prepared.sql.clone(), statement.clone());
                statement
            }
        };
        self.wait(prepared.run(&client, &statement))
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        // The last clone of the client tells the server goodbye; where that fails the socket must not stay either.
        if self.is_broken() {
            self.socket.abort();
        }
    }
}

impl ConnectionSealed for PostgresConnection {}

impl SimpleConnection for PostgresConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        let client = self.client.clone();
        self.told(query, |connection| connection.wait(client.batch_execute(query)))
    }
}

impl Connection for PostgresConnection {
    type Backend = Pg;
    type TransactionManager = AnsiTransactionManager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        Self::open(&PostgresUrl::parse(url).map_err(ConnectionError::InvalidConnectionUrl)?)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        let affected = self.run(source)?.affected;
        Ok(usize::try_from(affected).unwrap_or(usize::MAX))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = Some(Box::new(instrumentation));
    }

    fn set_prepared_statement_cache_size(&mut self, _size: CacheSize) {}
}

impl LoadConnection for PostgresConnection {
    type Cursor<'conn, 'query> =
        std::iter::Map<std::vec::IntoIter<PostgresRow>, fn(PostgresRow) -> QueryResult<PostgresRow>>;
    type Row<'conn, 'query> = PostgresRow;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Pg> + QueryId + 'query,
        Pg: QueryMetadata<T::SqlType>,
    {
        Ok(self.run(&source)?.rows.into_iter().map(Ok))
    }
}

impl MultiConnectionHelper for PostgresConnection {
    fn to_any<'a>(lookup: &mut <Pg as TypeMetadata>::MetadataLookup) -> &mut (dyn Any + 'a) {
        lookup.as_any()
    }

    fn from_any(lookup: &mut dyn Any) -> Option<&mut <Pg as TypeMetadata>::MetadataLookup> {
        lookup.downcast_mut::<BuiltInTypes>().map(|types| types as &mut dyn PgMetadataLookup)
    }
}

impl MigrationConnection for PostgresConnection {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
    }
}

impl R2D2Connection for PostgresConnection {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("")
    }

    fn is_broken(&mut self) -> bool {
        self.client.is_closed() || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}
