-- KEYS: m, rm, b. ARGV: how long the id stays taken, how long receipts are kept, both in ms.
local dedupe_ms, receipts_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local record, state = read_record()
if not record or not record.completed_at or state == 'done' then
  return
end
for _, index in ipairs(redis.call('HKEYS', KEYS[2])) do
  redis.call('PEXPIRE', range_key('r', index), receipts_ms)
  redis.call('PEXPIRE', range_key('h', index), receipts_ms)
  redis.call('UNLINK', range_key('x', index))
end
redis.call('UNLINK', KEYS[2], KEYS[3])
redis.call('HDEL', KEYS[1], 'request', 'plan', 'window', 'released', 'offered', 'passed', 'shortWay', 'firstGeneration', 'ticked')
redis.call('HSET', KEYS[1], 'state', 'done', 'dedupeUntil', now_ms() + dedupe_ms)
redis.call('PEXPIRE', KEYS[1], math.max(dedupe_ms, receipts_ms))
