//! A query of diesel's as a statement of tokio-postgres, with its values.

use super::row::{ColumnType, PostgresRow};
use diesel::QueryResult;
use diesel::pg::{FailedToLookupTypeError, Pg, PgMetadataCacheKey, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment, QueryId};
use diesel::result::Error as DieselError;
use futures_util::StreamExt;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::pin::pin;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, RowStream, Statement};

/// A query's text, and the values and types of its parameters.
pub(super) struct Prepared {
    pub(super) sql: String,
    pub(super) types: Vec<Type>,
    /// Whether its text is one of few, so that the server may keep the statement.
    pub(super) is_cacheable: bool,
    values: Vec<Value>,
}

/// What a statement answered.
pub(super) struct Outcome {
    pub(super) rows: Vec<PostgresRow>,
    pub(super) affected: u64,
}

impl Prepared {
    pub(super) fn new(query: &(impl QueryFragment<Pg> + QueryId)) -> QueryResult<Self> {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let mut binds = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut binds, &mut BuiltInTypes, &Pg)?;
        let types = binds.metadata.iter().map(type_of).collect::<QueryResult<_>>()?;
        let is_cacheable = query.is_safe_to_cache_prepared(&Pg)?;
        Ok(Self { sql: builder.finish(), types, is_cacheable, values: binds.binds.into_iter().map(Value).collect() })
    }

    /// Runs it as this statement.
    pub(super) async fn run(self, client: &Client, statement: &Statement) -> Result<Outcome, tokio_postgres::Error> {
        collect(client.query_raw(statement, self.values).await?).await
    }

    /// Runs it as a statement that the server does not keep.
    pub(super) async fn run_once(self, client: &Client) -> Result<Outcome, tokio_postgres::Error> {
        collect(client.query_typed_raw(&self.sql, self.values.into_iter().zip(self.types)).await?).await
    }
}

async fn collect(rows: RowStream) -> Result<Outcome, tokio_postgres::Error> {
    let mut rows = pin!(rows);
    let mut found = Vec::new();
    let mut types = None;
    while let Some(row) = rows.next().await.transpose()? {
        let types = types.get_or_insert_with(|| ColumnType::of(&row)).clone();
        found.push(PostgresRow::new(row, types));
    }
    Ok(Outcome { rows: found, affected: rows.rows_affected().unwrap_or_default() })
}

fn type_of(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let number = metadata.oid().map_err(|error| DieselError::SerializationError(Box::new(error)))?;
    Type::from_oid(number).ok_or_else(|| DieselError::SerializationError(format!("no type has number {number}").into()))
}

/// A value as diesel has encoded it; `None` for null.
struct Value(Option<Vec<u8>>);

// tokio-postgres logs the parameters of every statement: among them are hashes of passwords.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "…" } else { "null" })
    }
}

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Every type that this program uses is PostgreSQL's own, with a number that never changes.
pub(super) struct BuiltInTypes;

impl PgMetadataLookup for BuiltInTypes {
    fn lookup_type(&mut self, name: &str, schema: Option<&str>) -> PgTypeMetadata {
        let key = PgMetadataCacheKey::new(schema.map(|schema| schema.to_owned().into()), name.to_owned().into());
        PgTypeMetadata::from_result(Err(FailedToLookupTypeError::new(key)))
    }

    fn as_any<'a>(&mut self) -> &mut (dyn Any + 'a)
    where
        Self: 'a,
    {
        self
    }
}
