-- Drops the entry of a device id if it still names that token, not claimed later, and leaves a tombstone for all that was
-- claimed before it. KEYS: ids, gone-owners. ARGV: id, token, at.
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry and string.sub(entry, 7) == ARGV[2] then
  local claimed_at = struct.unpack('>I6', entry)
  if claimed_at <= tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('ZADD', KEYS[2], 'GT', claimed_at - 1, 'd' .. ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now_ms() - TOMBSTONE_AGE)
  end
end
