//! What the cluster keeps in Redis, and under which names. The common tag keeps all of it on one shard of a Redis
//! Cluster, so that one script may write it in one go.

/// Who runs the feed: `FENCE NODE`, for as long as it is renewed.
pub(super) const LEASE: &str = "{watchtape}:lease";
/// Counts the elections.
pub(super) const FENCE: &str = "{watchtape}:fence";
/// Symbol to its entry, as JSON.
pub(super) const LAST: &str = "{watchtape}:last";
/// `epoch`, `seq` and `published_at` of what is in `LAST`.
pub(super) const META: &str = "{watchtape}:meta";
/// Nodes that tell what they watch, scored by when that expires, in Unix milliseconds.
pub(super) const NODES: &str = "{watchtape}:nodes";
/// Before a node's name: what it watches, as JSON, with an expiry.
pub(super) const DEMAND: &str = "{watchtape}:demand:";

/// Before the id of a stream ticket that was used, until it would have expired.
pub(super) const TICKET: &str = "{watchtape}:ticket:";

/// Before a limit's name and whom it counts: when the bucket is full again, in Unix microseconds.
pub(super) const BUCKET: &str = "{watchtape}:bucket:";

/// The channel of rounds and pulses.
pub(super) const ROUNDS: &str = "{watchtape}:rounds";
/// The channel of events for sockets.
pub(super) const EVENTS: &str = "{watchtape}:events";
/// The channel that says that a node's demand has changed.
pub(super) const DEMAND_CHANGED: &str = "{watchtape}:wishes";

/// Takes the lease if nobody has it. KEYS: lease, fence. ARGV: node, milliseconds. Gives the fencing number, or 0.
pub(super) const ACQUIRE: &str = r"
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], fence .. ' ' .. ARGV[1], 'PX', ARGV[2])
return fence
";

/// Renews the lease if it is still ours. KEYS: lease. ARGV: token, milliseconds.
pub(super) const RENEW: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
";

/// Gives the lease back if it is still ours. KEYS: lease. ARGV: token.
pub(super) const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
";

/// Stores a round and publishes it, if the lease is still the writer's and the round is newer. A new epoch begins with
/// nothing. KEYS: lease, last, meta. ARGV: token, epoch, seq, time, channel, message, then symbol and entry in turn.
pub(super) const WRITE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local known = redis.call('HMGET', KEYS[3], 'epoch', 'seq')
if known[1] ~= ARGV[2] then
  redis.call('DEL', KEYS[2])
elseif tonumber(known[2]) >= tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[3], 'epoch', ARGV[2], 'seq', ARGV[3], 'published_at', ARGV[4])
for at = 7, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
";

/// Publishes a pulse, if the lease is still the writer's. KEYS: lease. ARGV: token, channel, message.
pub(super) const PULSE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
";

/// Reads all last values and what they belong to at one moment. KEYS: last, meta.
pub(super) const READ: &str = r"
return { redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'published_at'), redis.call('HVALS', KEYS[1]) }
";

/// Takes tokens of a bucket that fills up evenly (the generic cell rate algorithm). KEYS: bucket. ARGV: the time in which it
/// fills up, in microseconds, how many it holds, how many are wanted; 0 only looks. Gives whether there were so many, or
/// would be one, and the microseconds until it is full.
pub(super) const TAKE: &str = r"
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
