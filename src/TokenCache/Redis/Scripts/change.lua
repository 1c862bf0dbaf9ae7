-- Adds devices of one shard to an audience and takes others out. KEYS: dev. ARGV[1]: the audience. Then three per device:
-- + or -, token, and the user that the record must name (empty: whichever).
-- Answers how many were added, removed, and not registered.
local name = ARGV[1]
local added, removed, unknown = 0, 0, 0
for i = 2, #ARGV, 3 do
  local sign, token, user = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local record = redis.call('HGET', KEYS[1], token)
  if not record then
    if sign == '+' and user == '' then unknown = unknown + 1 end
  else
    local fields = fields_of(record)
    if user == '' or fields[1] == user then
      local rest, member = {}, false
      for j = 3, #fields do
        if fields[j] == name then member = true else rest[#rest + 1] = field(fields[j]) end
      end
      if sign == '+' and not member then
        redis.call('HSET', KEYS[1], token, record .. field(name))
        redis.call('SADD', audience_key(name), token)
        added = added + 1
      elseif sign == '-' and member then
        local owner_end = 14 + #fields[1] + #fields[2]
        redis.call('HSET', KEYS[1], token, string.sub(record, 1, owner_end) .. table.concat(rest))
        redis.call('SREM', audience_key(name), token)
        removed = removed + 1
      end
    end
  end
end
return {added, removed, unknown}
