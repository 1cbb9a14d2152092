//! Whether the pools of all nodes fit into what PostgreSQL grants. A node that gets no connection answers 503, at the busiest
//! time of all.

use crate::cluster::Node;
use crate::db::{Db, connection_limit};
use std::sync::Arc;
use std::time::Duration;

/// After so long a node that has just started is counted too.
const FIRST_CHECK: Duration = Duration::from_secs(5);
const CHECK_INTERVAL: Duration = Duration::from_secs(600);

/// Warns where the nodes' pools come near to the limit; never returns.
pub(super) async fn watch(db: Db, node: Arc<Node>) {
    tokio::time::sleep(FIRST_CHECK).await;
    let mut told = None;
    loop {
        let warning = check(&db, &node).await;
        // Told once for the same figures.
        if let Some(warning) = warning.as_ref().filter(|_| warning != told) {
            tracing::warn!(warning, "the nodes come near to the connections that PostgreSQL grants");
        }
        told = warning;
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

async fn check(db: &Db, node: &Node) -> Option<String> {
    let granted = db.read(connection_limit::granted).await.ok().flatten()?;
    connection_limit::warning(granted, node.cluster.known_nodes().into(), db.pool_size())
}
