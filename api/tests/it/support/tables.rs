//! Where in the whole database something is mentioned.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use watchtape::db::DbConnection;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The names that a query gives.
fn names(connection: &mut DbConnection, query: &str) -> Vec<String> {
    let names: Vec<Name> = match connection {
        DbConnection::Sqlite(sqlite) => sql_query(query).load(sqlite).expect("names"),
        DbConnection::Postgres(postgres) => sql_query(query).load(postgres).expect("names"),
    };
    names.into_iter().map(|name| name.name).collect()
}

/// The tables with a row that has one of these texts in any column.
pub(crate) fn tables_with(connection: &mut DbConnection, texts: &[&str]) -> Vec<String> {
    let tables = match connection {
        DbConnection::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        DbConnection::Postgres(_) => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let mut found = names(connection, tables);
    found.retain(|table| {
        let row = match connection {
            DbConnection::Sqlite(_) => {
                let columns = names(connection, &format!("SELECT name FROM pragma_table_info('{table}')"));
                columns.iter().map(|column| format!("coalesce({column}, '')")).collect::<Vec<_>>().join(" || '|' || ")
            }
            DbConnection::Postgres(_) => format!("{table}::text"),
        };
        let holds = texts.iter().map(|text| format!("({row}) LIKE '%{text}%'")).collect::<Vec<_>>().join(" OR ");
        let query = sql_query(format!("SELECT count(*) AS count FROM {table} WHERE {holds}"));
        let count: Count = match connection {
            DbConnection::Sqlite(sqlite) => query.get_result(sqlite).expect("a count"),
            DbConnection::Postgres(postgres) => query.get_result(postgres).expect("a count"),
        };
        count.count > 0
    });
    found
}
