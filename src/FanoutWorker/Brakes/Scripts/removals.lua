-- KEYS: removals of this minute. ARGV: tokens. Answers 1 when they may go.
local removed = tonumber(redis.call('GET', KEYS[1]) or 0)
if removed > 0 and removed + ARGV[1] > RULES.max_removals then
  return 0
end
redis.call('INCRBY', KEYS[1], ARGV[1])
if removed == 0 then
  redis.call('PEXPIRE', KEYS[1], 60000)
end
return 1
