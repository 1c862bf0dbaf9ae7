-- KEYS: m, rm, b. ARGV: number of the tick.
local record, state = read_record()
if record and state ~= 'done' then
  local known = tonumber(redis.call('HGET', KEYS[1], 'ticked') or -1)
  if tonumber(ARGV[1]) > known then
    redis.call('HSET', KEYS[1], 'ticked', ARGV[1])
  end
end
