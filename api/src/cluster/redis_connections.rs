//! Connections to the Redis: to one server, or to the one that Sentinels name, which is another after a failover.

use super::redis_url::{RedisUrl, Sentinels, Target};
use deadpool_redis::redis::aio::{ConnectionLike, PubSub};
use deadpool_redis::redis::sentinel::Sentinel;
use deadpool_redis::redis::{
    Client, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, TlsCertificates, Value,
};
use deadpool_redis::sentinel::SentinelNodeConnectionInfo;
use deadpool_redis::{Manager, PoolConfig, RedisConnectionInfo, Runtime, Timeouts, sentinel};
use std::path::Path;
use std::time::Duration;

/// What is connected to.
pub(super) enum RedisServer {
    /// A server.
    One(Client),
    /// The one that Sentinels name.
    OfSentinels(Sentinels),
}

/// A pool of connections.
pub(super) enum Connections {
    One(deadpool_redis::Pool),
    OfSentinels(sentinel::Pool),
}

/// A connection of a pool.
pub(super) enum Connection {
    One(deadpool_redis::Connection),
    OfSentinels(sentinel::Connection),
}

impl RedisServer {
    /// Of this URL, whose server's certificate is issued by the authority in `ca_file` or one of this machine's certificate
    /// store. An error is for the operator.
    pub(super) fn new(url: &RedisUrl, ca_file: Option<&Path>) -> Result<Self, String> {
        match (&url.0, ca_file) {
            (Target::Server(url), None) => Client::open(url.as_str()).map(Self::One).map_err(|error| error.to_string()),
            (Target::Server(url), Some(path)) => {
                let root_cert = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
                let certificates = TlsCertificates { client_tls: None, root_cert: Some(root_cert) };
                let client = Client::build_with_tls(url.as_str(), certificates);
                client.map(Self::One).map_err(|error| format!("{}: {error}", path.display()))
            }
            (Target::Sentinels(sentinels), None) => Ok(Self::OfSentinels(sentinels.clone())),
            (Target::Sentinels(_), Some(_)) => {
                Err("the authority of a Redis with Sentinels is to be in SSL_CERT_FILE".to_owned())
            }
        }
    }

    /// A pool of `size` connections, waited for as long as `wait`. Connects on first use.
    pub(super) fn pool(&self, size: usize, wait: Duration, connect: Duration) -> Result<Connections, String> {
        let config = PoolConfig {
            max_size: size,
            timeouts: Timeouts { wait: Some(wait), create: Some(connect), recycle: Some(connect) },
            ..PoolConfig::default()
        };
        let described = |error: RedisError| error.to_string();
        match self {
            Self::One(client) => {
                let manager = Manager::new(client.get_connection_info().clone()).map_err(described)?;
                let pool = deadpool_redis::Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build();
                pool.map(Connections::One).map_err(|error| error.to_string())
            }
            Self::OfSentinels(sentinels) => {
                let (urls, kind) = (sentinels.urls.clone(), sentinel::SentinelServerType::Master);
                let manager = sentinel::Manager::new(urls, sentinels.master.clone(), Some(sentinels.node()), kind)
                    .map_err(described)?;
                let pool = sentinel::Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build();
                pool.map(Connections::OfSentinels).map_err(|error| error.to_string())
            }
        }
    }

    /// A connection for subscriptions.
    pub(super) async fn pubsub(&self) -> Result<PubSub, RedisError> {
        match self {
            Self::One(client) => client.get_async_pubsub().await,
            Self::OfSentinels(sentinels) => {
                let mut sentinel = Sentinel::build(sentinels.urls.clone())?;
                sentinel
                    .async_master_for(&sentinels.master, Some(&sentinels.node().into()))
                    .await?
                    .get_async_pubsub()
                    .await
            }
        }
    }
}

impl Sentinels {
    /// How the Redis that they name is connected to.
    fn node(&self) -> SentinelNodeConnectionInfo {
        SentinelNodeConnectionInfo {
            tls_mode: self.has_tls.then_some(sentinel::TlsMode::Secure),
            redis_connection_info: Some(RedisConnectionInfo {
                db: self.database,
                username: self.user.clone(),
                password: self.password.clone(),
                ..RedisConnectionInfo::default()
            }),
        }
    }
}

impl Connections {
    /// A connection of the pool, or a new one.
    pub(super) async fn get(&self) -> Result<Connection, String> {
        match self {
            Self::One(pool) => pool.get().await.map(Connection::One).map_err(|error| error.to_string()),
            Self::OfSentinels(pool) => pool.get().await.map(Connection::OfSentinels).map_err(|error| error.to_string()),
        }
    }

    /// The text of an error. After that of a server that takes no writes any more, because another has become the master, its
    /// connections are dropped.
    pub(super) fn describe(&self, error: &RedisError) -> String {
        if let (Self::OfSentinels(pool), ErrorKind::Server(ServerErrorKind::ReadOnly)) = (self, error.kind()) {
            pool.retain(|_, _| false);
        }
        error.to_string()
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::OfSentinels(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(commands, offset, count),
            Self::OfSentinels(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::OfSentinels(connection) => connection.get_db(),
        }
    }
}
