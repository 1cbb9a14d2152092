//! The cluster's keys, channels and Lua scripts in Redis. The hash tag `{watchtape}` keeps all keys in one slot of a
//! Redis Cluster, so that one script can write several.

/// The lease of the feed: `FENCE NODE`, with an expiry.
pub(super) const LEASE_KEY: &str = "{watchtape}:lease";
/// The last fencing token, a counter.
pub(super) const FENCE_KEY: &str = "{watchtape}:fence";
/// A hash of symbol to entry (JSON): the last values.
pub(super) const LAST_VALUES_KEY: &str = "{watchtape}:last";
/// A hash with `epoch`, `term` (and the epoch that it is of: an earlier version leaves it), `seq`, `reason`, `published_at` of the last values, and the `store` that they were written to.
pub(super) const META_KEY: &str = "{watchtape}:meta";
/// A hash of symbol to entry (JSON) that nodes hold and the feed does not know, with an expiry; under an empty name the feed
/// that does not know the newest term (JSON), or nothing.
pub(super) const OFFERS_KEY: &str = "{watchtape}:offers";
/// A sorted set of the nodes, by when their demand expires in Unix milliseconds.
pub(super) const NODES_KEY: &str = "{watchtape}:nodes";
/// Prefix of a node's name: its demand (JSON), with an expiry.
pub(super) const DEMAND_KEY_PREFIX: &str = "{watchtape}:demand:";

/// The fingerprint of the secret that nodes sign with.
pub(super) const SECRET_KEY: &str = "{watchtape}:secret";

/// Prefix of a limit's name and subject: when its bucket is full, in Unix microseconds.
pub(super) const BUCKET_KEY_PREFIX: &str = "{watchtape}:bucket:";

/// The channel of rounds and heartbeats.
pub(super) const ROUNDS_CHANNEL: &str = "{watchtape}:rounds";
/// The channel of events for connections.
pub(super) const EVENTS_CHANNEL: &str = "{watchtape}:events";
/// Prefix of a node's name: the channel by which it finds out whether it still hears anything.
pub(super) const PROBE_CHANNEL_PREFIX: &str = "{watchtape}:probe:";
/// The channel of changes of a node's demand.
pub(super) const DEMAND_CHANNEL: &str = "{watchtape}:wishes";

/// Acquires the lease if it is free. KEYS: lease, fence. ARGV: node, milliseconds. Returns the fencing token, or 0.
pub(super) const ACQUIRE_LEASE: &str = r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], fence .. ' ' .. ARGV[1], 'PX', ARGV[2])
return fence
";

/// Renews the lease if the caller holds it. KEYS: lease. ARGV: token, milliseconds. Returns 1 or 0.
pub(super) const RENEW_LEASE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
";

/// Releases the lease if the caller holds it. KEYS: lease. ARGV: token. Returns 1 or 0.
pub(super) const RELEASE_LEASE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
";

/// Stores and publishes a round if the caller holds the lease and the round is newer. A new epoch deletes the last
/// values first. KEYS: lease, last, meta. ARGV: token, epoch, term, seq, reason, time, store, channel, message, then symbol
/// and entry alternating. Returns 1 or 0.
pub(super) const PUBLISH_ROUND: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local known = redis.call('HMGET', KEYS[3], 'epoch', 'term', 'seq')
if known[2] and tonumber(known[2]:match('^%d+')) > tonumber(ARGV[3]) then return 0 end
if known[1] ~= ARGV[2] then
  redis.call('DEL', KEYS[2])
elseif tonumber(known[3]) >= tonumber(ARGV[4]) then
  return 0
end
redis.call('HSET', KEYS[3], 'epoch', ARGV[2], 'term', ARGV[3] .. ' ' .. ARGV[2], 'seq', ARGV[4], 'reason', ARGV[5], 'published_at', ARGV[6],
  'store', ARGV[7])
for at = 10, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
end
redis.call('PUBLISH', ARGV[8], ARGV[9])
return 1
";

/// Publishes a heartbeat if the caller holds the lease. KEYS: lease. ARGV: token, channel, message. Returns 1 or 0.
pub(super) const PUBLISH_HEARTBEAT: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
";

/// Reads the last values and what is known of them atomically. KEYS: last, meta.
pub(super) const READ_LAST_VALUES: &str = r"
return {
  redis.call('HMGET', KEYS[2], 'epoch', 'term', 'seq', 'reason', 'published_at', 'store'),
  redis.call('HVALS', KEYS[1]),
}
";

/// Offers entries to the feed. KEYS: offers. ARGV: milliseconds until they expire, the feed that is told to be outdated or
/// nothing, then symbol and entry alternating.
pub(super) const OFFER_ENTRIES: &str = r"
if ARGV[2] ~= '' or redis.call('HEXISTS', KEYS[1], '') == 0 then redis.call('HSET', KEYS[1], '', ARGV[2]) end
for at = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
";

/// Takes what has been offered. KEYS: offers. Returns nothing, or the outdated feed and the entries.
pub(super) const TAKE_OFFERS: &str = r"
local outdated = redis.call('HGET', KEYS[1], '')
if not outdated then return { false, {} } end
redis.call('HDEL', KEYS[1], '')
local entries = redis.call('HVALS', KEYS[1])
redis.call('DEL', KEYS[1])
return { outdated, entries }
";

/// Takes tokens from a bucket (generic cell rate algorithm). KEYS: bucket. ARGV: the time in which it fills up, in
/// microseconds; its capacity; the tokens to take, 0 to check for one. Returns whether there were enough, and the
/// microseconds until it is full.
pub(super) const TAKE_TOKENS: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, quota, tokens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local missing = math.max(tonumber(redis.call('GET', KEYS[1]) or now) - now, 0)
local after = missing + math.max(tokens, 1) * window / quota
if after > window then return { 0, missing } end
if tokens == 0 then return { 1, missing } end
redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
return { 1, after }
";
