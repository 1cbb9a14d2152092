//! What happens to the cluster.

use rand::RngExt;
use rand::rngs::StdRng;

/// A fault that begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NodeKilled,
    NodeAsleep,
    RedisOutOfReach,
    RedisSilent,
    PostgresOutOfReach,
    PostgresSilent,
    RedisEmpty,
    RedisOld,
    RedisFull,
    PostgresRestarted,
    PostgresPromoted,
}

const ALL: [(Fault, &str); 11] = [
    (Fault::NodeKilled, "a node is killed"),
    (Fault::NodeAsleep, "a node sleeps"),
    (Fault::RedisOutOfReach, "a node is refused by Redis"),
    (Fault::RedisSilent, "a node hears nothing of Redis"),
    (Fault::PostgresOutOfReach, "a node is refused by PostgreSQL"),
    (Fault::PostgresSilent, "a node hears nothing of PostgreSQL"),
    (Fault::RedisEmpty, "Redis comes back empty"),
    (Fault::RedisOld, "Redis comes back with an older state"),
    (Fault::RedisFull, "Redis takes no writes"),
    (Fault::PostgresRestarted, "PostgreSQL is restarted"),
    // Once; from then on it is restarted.
    (Fault::PostgresPromoted, "PostgreSQL's standby is promoted"),
];

impl Fault {
    pub(super) fn random(random: &mut StdRng) -> Self {
        ALL[random.random_range(0..ALL.len())].0
    }

    pub(super) fn name(self) -> &'static str {
        ALL.iter().find(|(fault, _)| *fault == self).map_or("", |(_, name)| name)
    }
}
