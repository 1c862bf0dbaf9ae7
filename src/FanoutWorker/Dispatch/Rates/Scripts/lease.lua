-- KEYS: the rate. ARGV: permits asked for, permits per second, how far ahead may be booked in µs.
-- The key holds until when the rate is given away, in µs of Redis' clock; without it nothing is.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
if from - now > tonumber(ARGV[3]) then
  return {0, from - now}
end
local till = from + math.ceil(ARGV[1] * 1000000 / ARGV[2])
redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.ceil((till - now) / 1000))
return {tonumber(ARGV[1]), from - now}
