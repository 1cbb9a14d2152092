//! The resolver of the client for URLs of strangers. What it gives is what is connected to: a name is never resolved a second time,
//! so a name server that answers otherwise the next time gains nothing.
//!
//! It asks the system's name servers itself. The C library's resolver would hold a thread for as long as a stranger's name
//! server likes.

use super::address::is_public;
use super::allow_list::AllowList;
use super::target::TargetError;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long one query to a name server may take; there are two.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// Answers that are kept.
const CACHE_ENTRIES: u64 = 1_024;
/// The most addresses of a name that are looked at.
const MAX_ADDRESSES: usize = 32;

/// Resolves names to public addresses, and to those that the operator lets in.
#[derive(Clone)]
pub struct PublicResolver {
    /// None where the system names no servers.
    names: Option<TokioResolver>,
    allow: Arc<AllowList>,
}

impl PublicResolver {
    /// Asks the name servers of `/etc/resolv.conf`, after `/etc/hosts`.
    pub fn of_system(allow: AllowList) -> Self {
        let names = TokioResolver::builder_tokio().and_then(|mut builder| {
            bound(builder.options_mut());
            builder.build()
        });
        if let Err(error) = &names {
            tracing::warn!(%error, "names of webhooks cannot be resolved: /etc/resolv.conf cannot be read");
        }
        Self { names: names.ok(), allow: Arc::new(allow) }
    }

    /// Asks this name server.
    pub fn of_server(server: SocketAddr, allow: AllowList) -> Result<Self, String> {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let config =
            ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, vec![connection])]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        bound(builder.options_mut());
        let names = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { names: Some(names), allow: Arc::new(allow) })
    }

    /// What the operator lets in.
    pub(super) fn allow_list(&self) -> Arc<AllowList> {
        self.allow.clone()
    }

    /// The addresses of a name. All of them are public, or let in: with one that is not, the name is refused.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, TargetError> {
        let names = self.names.as_ref().ok_or(TargetError::NoAddress)?;
        let is_let_in = self.allow.has_name(name);
        // A name of one label may be one of the operator's network. Others are whole, so that no domain of the system is added.
        let whole = if is_let_in || name.ends_with('.') { name.to_owned() } else { format!("{name}.") };
        let found = names.lookup_ip(whole).await.map_err(|error| {
            tracing::debug!(%error, "a receiver's name was not resolved");
            TargetError::NoAddress
        })?;
        let found: Vec<IpAddr> = found.iter().take(MAX_ADDRESSES).collect();
        if found.is_empty() {
            return Err(TargetError::NoAddress);
        }
        let may_connect = |address: &IpAddr| is_let_in || is_public(*address) || self.allow.has_address(*address);
        if found.iter().all(may_connect) { Ok(found) } else { Err(TargetError::NotPublic) }
    }
}

fn bound(options: &mut ResolverOpts) {
    // Both, whichever is used: one that is forbidden refuses the name.
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.timeout = QUERY_TIMEOUT;
    options.attempts = 2;
    options.cache_size = CACHE_ENTRIES;
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await.map_err(Box::<dyn Error + Send + Sync>::from)?;
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
