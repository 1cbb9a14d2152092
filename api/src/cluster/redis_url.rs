//! The validated URL of a Redis, or of the Sentinels that know it. `Debug` redacts it.

use deadpool_redis::redis::{Client, IntoConnectionInfo};
use percent_encoding::percent_decode_str;
use std::str::FromStr;

const FORM: &str = "the URL of a Redis is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// with TLS, or \
                    redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/MASTER[/DATABASE]";
/// Where a Sentinel listens unless said.
const SENTINEL_PORT: &str = "26379";

/// `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS, a Unix socket (`unix://…`, `redis+unix://…`), or
/// Sentinels: `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,…]/MASTER[/DATABASE]`, `rediss+sentinel://…` with TLS.
#[derive(Clone)]
pub struct RedisUrl(pub(super) Target);

/// What is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The Redis of this URL.
    Server(String),
    /// The Redis that Sentinels name.
    Sentinels(Sentinels),
}

/// Sentinels, and the Redis that they watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentinels {
    /// The Sentinels' URLs.
    pub urls: Vec<String>,
    /// The name of the Redis.
    pub master: String,
    /// The user of the Redis; Sentinels are asked without one.
    pub user: Option<String>,
    pub password: Option<String>,
    pub database: i64,
    /// Whether Sentinels and Redis speak TLS.
    pub has_tls: bool,
}

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((scheme, rest)) = text.split_once("+sentinel://") {
            let has_tls = match scheme {
                "redis" => false,
                "rediss" => true,
                _ => return Err(FORM),
            };
            return sentinels(rest, has_tls).map(|sentinels| Self(Target::Sentinels(sentinels))).ok_or(FORM);
        }
        let schemes = ["redis://", "rediss://", "unix://", "redis+unix://"];
        let is_valid = schemes.iter().any(|scheme| text.starts_with(scheme)) && Client::open(text).is_ok();
        // What follows a # tells the driver to trust any certificate.
        let is_safe = !text.contains('#');
        (is_valid && is_safe).then(|| Self(Target::Server(text.to_owned()))).ok_or(FORM)
    }
}

fn sentinels(rest: &str, has_tls: bool) -> Option<Sentinels> {
    let (credentials, place) = match rest.rsplit_once('@') {
        Some((credentials, place)) => (Some(credentials), place),
        None => (None, rest),
    };
    let (hosts, path) = place.split_once('/')?;
    let (master, database) = match path.split_once('/') {
        Some((master, database)) => (master, database.parse().ok().filter(|number| *number >= 0)?),
        None => (path, 0),
    };
    let (user, password) = match credentials.map(|text| text.split_once(':').unwrap_or((text, ""))) {
        Some((user, password)) => (decoded(user)?, decoded(password)?),
        None => (None, None),
    };
    let scheme = if has_tls { "rediss" } else { "redis" };
    let urls = hosts.split(',').map(|host| {
        let has_port = host.rsplit_once(':').is_some_and(|(before, _)| !before.is_empty() && !host.ends_with(']'));
        let url = if has_port { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{SENTINEL_PORT}") };
        let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@']);
        (is_host && url.as_str().into_connection_info().is_ok()).then_some(url)
    });
    let urls: Vec<String> = urls.collect::<Option<_>>()?;
    let is_name = |text: &str| !text.is_empty() && !text.contains(['/', '?', '#']);
    is_name(master).then(|| Sentinels { urls, master: master.to_owned(), user, password, database, has_tls })
}

/// A part of the credentials; `Some(None)` where it is empty.
fn decoded(text: &str) -> Option<Option<String>> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    Some(Some(text.into_owned()).filter(|text| !text.is_empty()))
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL may hold a password.
        f.write_str("redis://…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentinels_are_read_with_their_ports_and_the_credentials_of_the_redis() {
        let url = "rediss+sentinel://watch:p%40ss@10.0.0.1,10.0.0.2:5000,[::1]/prices/3";
        let RedisUrl(Target::Sentinels(found)) = url.parse().expect("a URL") else { panic!("no Sentinels") };
        assert_eq!(found.urls, ["rediss://10.0.0.1:26379", "rediss://10.0.0.2:5000", "rediss://[::1]:26379"]);
        assert_eq!((found.master.as_str(), found.database, found.has_tls), ("prices", 3, true));
        assert_eq!((found.user.as_deref(), found.password.as_deref()), (Some("watch"), Some("p@ss")));
        let RedisUrl(Target::Sentinels(found)) = "redis+sentinel://:secret@a/m".parse().expect("a URL") else {
            panic!("no Sentinels")
        };
        assert_eq!((found.user, found.password.as_deref(), found.has_tls), (None, Some("secret"), false));
    }

    #[test]
    fn what_is_no_url_of_a_redis_is_refused() {
        for text in [
            "",
            "http://a",
            "redis:",
            "rediss://a#insecure",
            "redis+sentinel://a",
            "redis+sentinel:///m",
            "redis+sentinel://a/",
            "redis+sentinel://a,/m",
            "redis+sentinel://a:x/m",
            "redis+sentinel://a/m/-1",
            "redis+sentinel://a/m/x",
            "http+sentinel://a/m",
        ] {
            assert!(text.parse::<RedisUrl>().is_err(), "{text}");
        }
    }
}
