//! Whether the nodes of a cluster sign with the same secret. A node with another one answers its share of all requests with
//! 401, and each node by itself has no reason to complain.

use crate::cluster::Node;
use std::sync::Arc;
use std::time::Duration;

const CHECK_INTERVAL: Duration = Duration::from_secs(10);
/// A difference is logged again after so many checks.
const LOG_EVERY: u32 = 30;

/// Compares the fingerprint of this node's secret, and of its second one, with that of the others; never returns.
pub(super) async fn watch(node: Arc<Node>, (own, other): (String, Option<String>)) {
    let mut differing = 0u32;
    loop {
        let stored = node.cluster.share_secret_fingerprint(&own).await;
        // While the secret is being changed, each node accepts the other one's.
        let is_same = stored.is_none_or(|stored| stored == own || Some(stored) == other);
        if !is_same && differing.is_multiple_of(LOG_EVERY) {
            tracing::error!(
                "another node has another secret (WATCHTAPE_SECRET): what one of them has signed is refused by the other"
            );
        }
        differing = if is_same { 0 } else { differing + 1 };
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}
