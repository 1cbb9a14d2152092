//! Rows in one statement, which saves a round trip to the server for each.

/// Inserts a vector of rows into a table. What both databases share has no insert of many rows: each has its own.
macro_rules! insert_rows {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::db::DbConnection::Postgres(postgres) => diesel::insert_into($table).values($rows).execute(postgres),
            $crate::db::DbConnection::Sqlite(sqlite) => diesel::insert_into($table).values($rows).execute(sqlite),
        }
    };
}
pub(super) use insert_rows;
