//! The validated URL of a Redis. `Debug` redacts it.

use deadpool_redis::redis::Client;
use std::str::FromStr;

/// `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or a Unix socket (`unix://…`, `redis+unix://…`).
#[derive(Clone)]
pub struct RedisUrl(pub(super) String);

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = text.starts_with("redis://") || text.starts_with("unix://") || text.starts_with("redis+unix://");
        let is_valid = is_url && Client::open(text).is_ok();
        is_valid
            .then(|| Self(text.to_owned()))
            .ok_or("the URL of a Redis is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]")
    }
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL may hold a password.
        f.write_str("redis://…")
    }
}
