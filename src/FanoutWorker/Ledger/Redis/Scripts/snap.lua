-- KEYS: m, rm, b, and of the range: r, h, x.
-- ARGV: range, tokens, how many, their digest, their receipt hashes.
local index, tokens, size, digest, receipts = unpack(ARGV)
local now = now_ms()
local record, state = read_record()
if not record then
  return {'lost', state, now, 0}
end
if state == 'done' then
  return {'done', state, now, 0}
end

arrived(record, index)
local range = read_range(index)
if range and range.expanded then
  save(record)
  return {'done', state, now, range.generation}
end
local snapshot = range and redis.call('GET', KEYS[6])
if snapshot then
  save(record)
  return {'use', state, now, range.generation, snapshot, range.size, range.digest}
end

if range then
  -- Positions of the lost snapshot mean nothing any more: as if its tokens had never been there.
  local moved = {}
  for value in string.gmatch(redis.call('GET', KEYS[4]) or '', '[^%z]') do
    local lost = string.byte(value)
    moved[lost] = (moved[lost] or 0) - 1
  end
  count(record, moved)
  set(record, 'size', record.size - range.size)
  set(record, 'inexact', 1)
end
local generation = range and range.generation + 1 or tonumber(redis.call('HGET', KEYS[1], 'firstGeneration'))
write_range({
  index = index, generation = generation, size = size, settled = 0, expanded = false,
  passed = range and range.passed or false, digest = digest,
})
set(record, 'size', record.size + size)
redis.call('SET', KEYS[4], string.rep('\0', tonumber(size)), 'PX', LIMITS.safety_ttl_ms)
redis.call('SET', KEYS[5], receipts, 'PX', LIMITS.safety_ttl_ms)
redis.call('SET', KEYS[6], tokens, 'PX', LIMITS.safety_ttl_ms)
if redis.call('PTTL', KEYS[2]) < 0 then
  redis.call('PEXPIRE', KEYS[2], LIMITS.safety_ttl_ms)
end
save(record)
return {'stored', state, now, generation}
