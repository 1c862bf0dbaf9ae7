-- Registers devices of one shard. KEYS: dev, gone.
-- ARGV, four per device: token, at, packed user and device id, packed audiences (a zero byte: leave them).
-- Answers per device 0 added, 1 renewed, 2 stale, or the record it replaced when that named another user or device id.
local now = now_ms()
local any_gone = redis.call('EXISTS', KEYS[2]) == 1
local answers, everyone = {}, {}

local function set_audiences(token, record, names)
  local keep = {}
  for _, name in ipairs(split(names, 1)) do
    keep[name] = true
    redis.call('SADD', audience_key(name), token)
  end
  if record then
    local old = fields_of(record)
    for i = 3, #old do
      if not keep[old[i]] then redis.call('SREM', audience_key(old[i]), token) end
    end
  end
end

local function audiences_of(record)
  local user = string.byte(record, 13)
  local device = string.byte(record, 14 + user)
  return string.sub(record, 15 + user + device)
end

for i = 1, #ARGV, 4 do
  local token, owner, names = ARGV[i], ARGV[i + 2], ARGV[i + 3]
  local at = math.min(tonumber(ARGV[i + 1]), now + CLOCK_SKEW)
  local old = redis.call('HGET', KEYS[1], token)
  local gone = any_gone and redis.call('ZSCORE', KEYS[2], token)
  local answer = old and 1 or 0
  if gone and at <= tonumber(gone) then
    answer = 2
  elseif old then
    local _, old_at = times_of(old)
    if at < old_at then answer = 2 end
  end
  if answer ~= 2 then
    if names == '\0' then
      names = old and audiences_of(old) or ''
    else
      set_audiences(token, old, names)
    end
    redis.call('HSET', KEYS[1], token, struct.pack('>I6I6', math.max(at, now), at) .. owner .. names)
    everyone[#everyone + 1] = token
    if gone then redis.call('ZREM', KEYS[2], token) end
    if old and string.sub(old, 13, 12 + #owner) ~= owner then answer = old end
  end
  answers[#answers + 1] = answer
end

for i = 1, #everyone, 1000 do
  redis.call('SADD', audience_key('all'), unpack(everyone, i, math.min(i + 999, #everyone)))
end
return answers
