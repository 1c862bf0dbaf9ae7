-- Removes devices of one shard, unless they were registered later, and leaves tombstones. KEYS: dev, gone.
-- ARGV[1]: which moment of a record counts, `registered` (the later of at and arrival) or `at`. Then four per removal:
-- token, at, and the user and device id that the record must name (empty: whichever).
-- A token removed for its owner is gone only up to its own registration: what the owner registers late, the owner's tombstone
-- stops, and another owner may have had the token since.
-- Answers per removal the record that was removed, or false.
local now = now_ms()
local answers = {}
for i = 2, #ARGV, 4 do
  local token, user, device = ARGV[i], ARGV[i + 2], ARGV[i + 3]
  local at = math.min(tonumber(ARGV[i + 1]), now + CLOCK_SKEW)
  local record = redis.call('HGET', KEYS[1], token)
  local for_owner = user ~= '' or device ~= ''
  local gone_at = not for_owner and at
  local answer = false
  if record then
    local registered, said = times_of(record)
    local fields = fields_of(record)
    local later = at < (ARGV[1] == 'registered' and registered or said)
    if later or (user ~= '' and fields[1] ~= user) or (device ~= '' and fields[2] ~= device) then
      gone_at = false
    else
      redis.call('HDEL', KEYS[1], token)
      redis.call('SREM', audience_key('all'), token)
      for j = 3, #fields do redis.call('SREM', audience_key(fields[j]), token) end
      gone_at = for_owner and said or at
      answer = record
    end
  end
  if gone_at then redis.call('ZADD', KEYS[2], 'GT', gone_at, token) end
  answers[#answers + 1] = answer
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - TOMBSTONE_AGE)
return answers
