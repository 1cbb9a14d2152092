//! A row of an answer, as diesel reads it.

use diesel::pg::{Pg, PgValue, TypeOidLookup};
use diesel::row::{Field, PartialRow, Row as DieselRow, RowIndex, RowSealed};
use std::error::Error;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

/// The type of a column, by the number that PostgreSQL gives it.
pub(super) struct ColumnType(NonZeroU32);

impl ColumnType {
    /// The types of a row's columns.
    pub(super) fn of(row: &Row) -> Arc<[Self]> {
        // Every type has a number.
        let number = |kind: &Type| NonZeroU32::new(kind.oid()).unwrap_or(NonZeroU32::MAX);
        row.columns().iter().map(|column| Self(number(column.type_()))).collect()
    }
}

impl TypeOidLookup for ColumnType {
    fn lookup(&self) -> NonZeroU32 {
        self.0
    }
}

/// A row, and the types of its columns.
pub struct PostgresRow {
    row: Row,
    types: Arc<[ColumnType]>,
}

impl PostgresRow {
    pub(super) fn new(row: Row, types: Arc<[ColumnType]>) -> Self {
        Self { row, types }
    }
}

impl RowSealed for PostgresRow {}

impl<'a> DieselRow<'a, Pg> for PostgresRow {
    type Field<'f>
        = PostgresField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.row.len()
    }

    fn get<'b, I>(&'b self, idx: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        self.idx(idx).map(|column| PostgresField { row: self, column })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for PostgresRow {
    fn idx(&self, column: usize) -> Option<usize> {
        (column < self.row.len()).then_some(column)
    }
}

impl<'a> RowIndex<&'a str> for PostgresRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

/// A column of a row.
pub struct PostgresField<'a> {
    row: &'a PostgresRow,
    column: usize,
}

impl<'a> Field<'a, Pg> for PostgresField<'a> {
    fn field_name(&self) -> Option<&str> {
        Some(self.row.row.columns()[self.column].name())
    }

    fn value(&self) -> Option<PgValue<'_>> {
        let bytes: Option<Bytes<'_>> = self.row.row.try_get(self.column).ok()?;
        bytes.map(|Bytes(bytes)| PgValue::new(bytes, &self.row.types[self.column]))
    }
}

/// The bytes of a value of any type.
struct Bytes<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
