//! How many connections PostgreSQL grants, beside how many the nodes may open.

use super::{DbConnection, Result};
use diesel::prelude::*;
use diesel::sql_types::Integer;

/// Connections that a node has beside its pool: the claim to the database.
const BESIDE_THE_POOL: u64 = 1;
/// Of the connections that are granted, as many percent are too near to all of them: commands, backups and restarts need some.
const NEAR_PERCENT: u64 = 80;

#[derive(QueryableByName)]
struct Granted {
    #[diesel(sql_type = Integer)]
    granted: i32,
}

/// How many connections the server grants to this role and database: `max_connections` less those that are reserved, or less
/// where the role or the database has a limit of its own. `None` on SQLite, which has no such limit.
pub fn granted(connection: &mut DbConnection) -> Result<Option<u64>> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(None) };
    let query = diesel::sql_query(
        "SELECT least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int \
                      - coalesce(current_setting('reserved_connections', true)::int, 0), \
                      (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user), \
                      (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())) AS granted",
    );
    let found: Granted = query.get_result(postgres)?;
    Ok(Some(u64::try_from(found.granted).unwrap_or(0)))
}

/// What to warn of where so many nodes with pools of this size come near to what is granted; `None` where they do not.
pub fn warning(granted: u64, nodes: u64, pool: u32) -> Option<String> {
    let wanted = nodes.max(1) * (u64::from(pool) + BESIDE_THE_POOL);
    (wanted * 100 > granted * NEAR_PERCENT).then(|| {
        format!(
            "{nodes} nodes with WATCHTAPE_DATABASE_POOL={pool} may open {wanted} connections, and PostgreSQL grants {granted} \
             (max_connections less the reserved ones): raise max_connections, or make the pools smaller"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_that_come_near_to_the_limit_are_warned_of() {
        // PostgreSQL's own defaults: 100 connections, three of them reserved.
        for (granted, nodes, pool, is_near) in [
            (97, 1, 12, false),
            (97, 5, 12, false),
            (97, 6, 12, true),
            (97, 1, 76, false),
            (97, 1, 77, true),
            (0, 1, 2, true),
        ] {
            assert_eq!(warning(granted, nodes, pool).is_some(), is_near, "{granted} {nodes} {pool}");
        }
        let text = warning(97, 8, 12).expect("a warning");
        assert!(text.starts_with("8 nodes with WATCHTAPE_DATABASE_POOL=12 may open 104 connections"), "{text}");
    }
}
