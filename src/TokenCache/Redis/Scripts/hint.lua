-- Notes which tokens users have. KEYS: gone-owners. ARGV, three per token: user, token, at.
-- Answers per token -1, or, when the user was removed at or after that moment, that moment.
local now = now_ms()
local users = {}
for i = 1, #ARGV, 3 do users[#users + 1] = 'u' .. ARGV[i] end
local removed_at = removals_of(KEYS[1], users)
local answers = {}
for i = 1, #ARGV, 3 do
  local gone = removed_at['u' .. ARGV[i]] or -1
  if math.min(tonumber(ARGV[i + 2]), now + CLOCK_SKEW) > gone then
    redis.call('SADD', prefix .. 'user:' .. ARGV[i], ARGV[i + 1])
    gone = -1
  end
  answers[#answers + 1] = gone
end
return answers
