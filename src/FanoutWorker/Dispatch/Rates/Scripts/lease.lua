-- KEYS: the rate. ARGV: permits asked for, permits per second, how far ahead may be booked and how far back, both in µs.
-- The key holds until when the rate is given away, in µs of Redis' clock; without it nothing is.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = math.max(now - ARGV[4], tonumber(redis.call('GET', KEYS[1]) or 0))
local wait = math.max(0, from - now)
if wait > tonumber(ARGV[3]) then
  return {0, wait}
end
local till = from + math.ceil(ARGV[1] * 1000000 / ARGV[2])
redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.ceil((till - now + ARGV[4]) / 1000) + 1)
return {tonumber(ARGV[1]), wait}
