//! The nodes, their servers, and the ways between them.

use super::faults::Fault;
use crate::support::database::Database;
use crate::support::postgres::Postgres;
use crate::support::process::Served;
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::{Backend, Client, until};
use rand::RngExt;
use rand::rngs::StdRng;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

const NODES: usize = 3;

/// A node and its ways.
struct Member {
    served: RefCell<Option<Served>>,
    address: RefCell<SocketAddr>,
    to_redis: Proxy,
    to_postgres: Proxy,
}

/// All of it.
pub(super) struct Members {
    nodes: Vec<Member>,
    redis: RefCell<Redis>,
    postgres: RefCell<Postgres>,
    is_promoted: Cell<bool>,
    // Holds the folder of the nodes.
    database: Database,
}

impl Members {
    pub(super) async fn start() -> Self {
        let (postgres, redis) = (Postgres::with_standby(), Redis::started());
        let database = Database::empty(Backend::Sqlite);
        let nodes = (0..NODES).map(|_| Member {
            served: RefCell::default(),
            address: RefCell::new(SocketAddr::from(([127, 0, 0, 1], 0))),
            to_redis: Proxy::to(redis.port()),
            to_postgres: Proxy::to(postgres.port()),
        });
        let members = Self {
            nodes: nodes.collect(),
            redis: RefCell::new(redis),
            postgres: RefCell::new(postgres),
            is_promoted: Cell::new(false),
            database,
        };
        for node in 0..NODES {
            members.start_node(node);
        }
        for node in 0..NODES {
            let client = Client::new(members.address(node));
            until("it is ready", async || client.get("/readyz").await.status.as_u16() == 200).await;
        }
        members
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Where a node listens, or listened.
    pub(super) fn address(&self, node: usize) -> SocketAddr {
        *self.nodes[node].address.borrow()
    }

    fn start_node(&self, number: usize) {
        let node = &self.nodes[number];
        let folder = self.database.folder();
        let redis = node.to_redis.in_url(&self.redis.borrow().url());
        let postgres = node.to_postgres.in_url(&self.postgres.borrow().url("postgres"));
        let served = Served::start(&[
            "--database-url",
            &postgres,
            "--data-dir",
            folder.to_str().expect("a path"),
            "--redis-url",
            &redis,
            "--sim-interval-ms",
            "200",
            "--workers",
            "1",
        ]);
        *node.address.borrow_mut() = served.address;
        *node.served.borrow_mut() = Some(served);
    }

    /// Has a fault happen, and end.
    pub(super) async fn suffer(&self, fault: Fault, random: &mut StdRng) {
        let node = random.random_range(0..NODES);
        let pause = Duration::from_millis(random.random_range(500..5_000));
        let Member { served, to_redis, to_postgres, .. } = &self.nodes[node];
        match fault {
            Fault::NodeKilled => {
                if let Some(mut served) = served.borrow_mut().take() {
                    served.kill();
                }
                tokio::time::sleep(pause / 4).await;
                self.start_node(node);
            }
            Fault::NodeAsleep => {
                self.signal(node, "STOP");
                tokio::time::sleep(pause).await;
                self.signal(node, "CONT");
            }
            Fault::RedisOutOfReach => {
                to_redis.refuse();
                tokio::time::sleep(pause).await;
                to_redis.heal();
            }
            Fault::RedisSilent => {
                to_redis.silence();
                tokio::time::sleep(pause).await;
                to_redis.heal();
            }
            Fault::PostgresOutOfReach => {
                to_postgres.refuse();
                tokio::time::sleep(pause).await;
                to_postgres.heal();
            }
            Fault::PostgresSilent => {
                to_postgres.silence();
                tokio::time::sleep(pause).await;
                to_postgres.lose_open_connections();
            }
            Fault::RedisEmpty => {
                self.redis.borrow_mut().kill();
                tokio::time::sleep(pause / 4).await;
                self.redis.borrow_mut().start();
            }
            Fault::RedisOld => {
                self.redis.borrow_mut().save();
                tokio::time::sleep(pause).await;
                self.redis.borrow_mut().kill();
                self.redis.borrow_mut().start_as_saved();
            }
            Fault::RedisFull => {
                self.redis.borrow().command(&["config", "set", "maxmemory", "1"]);
                tokio::time::sleep(pause).await;
                self.redis.borrow().command(&["config", "set", "maxmemory", "0"]);
            }
            Fault::PostgresPromoted if !self.is_promoted.replace(true) => {
                self.postgres.borrow_mut().promote_standby();
                let port = self.postgres.borrow().port();
                self.nodes.iter().for_each(|node| node.to_postgres.lead_to(port));
            }
            Fault::PostgresRestarted | Fault::PostgresPromoted => self.postgres.borrow_mut().restart(),
        }
    }

    fn signal(&self, node: usize, name: &str) {
        if let Some(served) = &*self.nodes[node].served.borrow() {
            served.signal(name);
        }
    }
}
