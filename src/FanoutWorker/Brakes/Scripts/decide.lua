-- KEYS: brake, answers. ARGV: resume, release or discard; when it was said in ms (0: now).
local now = now_ms()
local said = tonumber(ARGV[2])
local at = said > 0 and math.min(said, now) or now
local known = redis.call('HMGET', KEYS[1], 'open', 'openedAt', 'restsUntil')

-- Not when it opened after that was said, nor when there is nothing to resume.
local function applies()
  if known[1] == '1' then
    return tonumber(known[2]) <= at
  end
  return ARGV[1] ~= 'resume' or known[3]
end

if applies() then
  redis.call('HSET', KEYS[1], 'open', 0, 'decidedAt', at)
  redis.call('HDEL', KEYS[1], 'restsUntil', 'refusals')
  redis.call('DEL', KEYS[2])
  if ARGV[1] ~= 'resume' then
    redis.call('HSET', KEYS[1], ARGV[1] == 'release' and 'releasedAt' or 'discardedAt', at)
    for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
      if string.find(field, '^q:') then
        redis.call('HDEL', KEYS[1], field)
      end
    end
  end
  remember(false)
end
return redis.call('HGETALL', KEYS[1])
