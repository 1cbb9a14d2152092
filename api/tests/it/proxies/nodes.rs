//! Three nodes on one PostgreSQL and one Redis, each of which is started again where it was.

use crate::support::postgres::free_port;
use crate::support::process::Served;
use crate::support::redis::Redis;
use crate::support::{Account, Backend, Client, Database, until};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

/// Longer than the second after which a proxy with health checks knows.
const DRAIN_SECONDS: &str = "3";

/// All of it.
pub(super) struct ThreeNodes {
    nodes: Vec<Option<Served>>,
    addresses: Vec<SocketAddr>,
    arguments: Vec<String>,
    // Kept for as long as the nodes run.
    _redis: Redis,
    _database: Database,
}

impl ThreeNodes {
    /// Starts them, and waits until each is ready.
    pub(super) async fn start() -> Self {
        let (database, redis) = (Database::ready(Backend::Postgres).await, Redis::started());
        let (url, folder, redis_url) = (database.setting(), database.folder(), redis.url());
        let arguments = [
            ["--database-url", &url],
            ["--data-dir", folder.to_str().expect("a path")],
            ["--redis-url", &redis_url],
            ["--sim-interval-ms", "200"],
            ["--workers", "1"],
            ["--drain-seconds", DRAIN_SECONDS],
            ["--trusted-proxies", "127.0.0.1"],
            ["--stream-per-account", "0"],
            ["--stream-per-address", "0"],
        ];
        let arguments = arguments.as_flattened().iter().map(|&argument| argument.to_owned()).collect();
        let addresses = (0..3).map(|_| own_address()).collect();
        let mut nodes = Self { nodes: Vec::new(), addresses, arguments, _redis: redis, _database: database };
        for address in &nodes.addresses {
            nodes.nodes.push(Some(start_node(*address, &nodes.arguments)));
        }
        for address in &nodes.addresses {
            wait_until_ready(*address).await;
        }
        nodes
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Where they listen.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.addresses.clone()
    }

    /// Opens an account, at a node itself.
    pub(super) async fn register(&self) -> Account {
        Client::new(self.addresses[0]).register().await
    }

    /// Stops a node as an operator does, starts it again, and waits until it is ready.
    pub(super) async fn restart(&mut self, number: usize) {
        let mut node = self.nodes[number].take().expect("a running node");
        let (address, arguments) = (self.addresses[number], self.arguments.clone());
        // Beside the clients, which run on this thread.
        let restarting = tokio::task::spawn_blocking(move || {
            node.terminate();
            start_node(address, &arguments)
        });
        self.nodes[number] = Some(restarting.await.expect("a node"));
        wait_until_ready(address).await;
    }
}

/// An address that no other test listens on, and that the system gives to no outgoing connection while the node is not there.
fn own_address() -> SocketAddr {
    static COUNT: AtomicU8 = AtomicU8::new(1);
    let last = COUNT.fetch_add(1, Ordering::Relaxed);
    SocketAddr::from((Ipv4Addr::new(127, 80, 0, last), free_port()))
}

fn start_node(address: SocketAddr, arguments: &[String]) -> Served {
    let address = address.to_string();
    let mut all = vec!["--listen", &address];
    all.extend(arguments.iter().map(String::as_str));
    Served::start(&all)
}

async fn wait_until_ready(address: SocketAddr) {
    let client = Client::new(address);
    until("a node is ready", async || client.get("/readyz").await.status.as_u16() == 200).await;
}
