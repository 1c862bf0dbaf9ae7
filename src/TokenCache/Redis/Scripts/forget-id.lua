-- Drops the entry of a device id if it still names that token, not claimed later. KEYS: ids. ARGV: id, token, at.
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry and string.sub(entry, 7) == ARGV[2] and struct.unpack('>I6', entry) <= tonumber(ARGV[3]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
