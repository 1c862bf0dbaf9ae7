-- KEYS: m, rm, b; of range 0: r, h, x.
-- ARGV: digest, app, request, plan, ranges, window, malformed, usersWithoutDevices, requestedAt, how often it was lost before,
--       generation of a range's first content, and on the short way: tokens, how many, their digest, their receipt hashes.
local digest, app, request, plan, ranges, window, malformed, users_without, requested_at = unpack(ARGV, 1, 9)
local losses, first_generation = tonumber(ARGV[10]), ARGV[11]
local tokens, size, content_digest, receipts = unpack(ARGV, 12, 15)
local now = now_ms()
local known = redis.call('HMGET', KEYS[1], 'digest', 'state', 'stateAt', 'dedupeUntil', 'ranges', 'shortWay')
local known_digest, state, state_at, dedupe_until, known_ranges, known_short_way = unpack(known)

if known_digest and not (dedupe_until and now >= tonumber(dedupe_until)) then
  if known_digest ~= digest then
    return {'conflict', state, now}
  end
  if state == 'done' then
    return {'done', state, now}
  end
  local record = read_record()
  save(record)
  local reply = {'same', stored(record, now)}
  if known_short_way == '1' then -- whichever way the audience would go now
    local range = read_range(0)
    table.insert(reply, redis.call('GET', KEYS[6]))
    table.insert(reply, range.size)
    table.insert(reply, range.digest)
  end
  return reply
end

if known_digest then
  -- An ended one whose time is over, kept only for its receipts.
  state, state_at = false, false
  for index = 0, known_ranges - 1 do
    redis.call('UNLINK', range_key('r', index), range_key('h', index))
  end
end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])

state = state or 'running'
local released = math.min(tonumber(window), tonumber(ranges))
local offered = ''
if tokens then
  write_range({index = 0, generation = first_generation, size = size, settled = 0, expanded = true, passed = false, digest = content_digest})
  redis.call('SET', KEYS[4], string.rep('\0', tonumber(size)))
  redis.call('SET', KEYS[5], receipts)
  redis.call('SET', KEYS[6], tokens)
else
  for index = 0, released - 1 do
    offered = offered .. ' ' .. index .. ':' .. now
  end
end
redis.call('HSET', KEYS[1], 'digest', digest, 'app', app, 'request', request, 'plan', plan, 'ranges', ranges, 'window', window,
  'malformed', malformed, 'firstGeneration', first_generation, 'usersWithoutDevices', users_without, 'requestedAt', requested_at, 'shortWay', tokens and 1 or 0,
  'state', state, 'released', released, 'offered', offered, 'passed', 0, 'expanded', tokens and 1 or 0, 'size', size or 0,
  'c1', 0, 'c2', 0, 'c3', 0, 'c4', 0, 'c5', 0, 'c6', 0, 'c7', 0)
if losses > 0 then
  redis.call('HSET', KEYS[1], 'inexact', 1)
end
if state_at then
  redis.call('HSET', KEYS[1], 'stateAt', state_at)
end
local record = read_record()
save(record)
return {only_counts(state) and 'cancelled' or 'new', state, now, is_complete(record) and 1 or 0}
