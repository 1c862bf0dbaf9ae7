-- Leaves a tombstone for a user (`u`) or device id (`d`), and answers the tokens it is known to have. KEYS: gone-owners, ids.
-- ARGV: u or d, the user or device id, at.
local now = now_ms()
redis.call('ZADD', KEYS[1], 'GT', math.min(tonumber(ARGV[3]), now + CLOCK_SKEW), ARGV[1] .. ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - TOMBSTONE_AGE)
if ARGV[1] == 'u' then return redis.call('SMEMBERS', prefix .. 'user:' .. ARGV[2]) end
local entry = redis.call('HGET', KEYS[2], ARGV[2])
return entry and {string.sub(entry, 7)} or {}
