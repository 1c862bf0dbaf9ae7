-- Registers devices of one shard. KEYS: dev, gone.
-- ARGV, four per device, 256 devices at most: token, at, packed user and device id, packed audiences (a zero byte: leave them).
-- Answers per device 0 added, 1 renewed, 2 stale, or the record it replaced when that named another user or device id.
-- Commands cost more than Lua, so all is read first and written last; a device that comes twice meets its own first record.
local now = now_ms()
local tokens = {}
for i = 1, #ARGV, 4 do tokens[#tokens + 1] = ARGV[i] end
local records = {}
for i, record in ipairs(redis.call('HMGET', KEYS[1], unpack(tokens))) do records[tokens[i]] = record end
local removed_at = removals_of(KEYS[2], tokens)

-- audience → token → whether it is a member from now on
local memberships = {}
local function set_membership(name, token, member)
  local changes = memberships[name]
  if not changes then
    changes = {}
    memberships[name] = changes
  end
  changes[token] = member
end

local function audiences_of(record)
  local user = string.byte(record, 13)
  local device = string.byte(record, 14 + user)
  return string.sub(record, 15 + user + device)
end

local answers, written, unburied = {}, {}, {}
for i = 1, #ARGV, 4 do
  local token, owner, names = ARGV[i], ARGV[i + 2], ARGV[i + 3]
  local at = math.min(tonumber(ARGV[i + 1]), now + CLOCK_SKEW)
  local old, gone = records[token], removed_at[token]
  local answer = old and 1 or 0
  if gone and at <= gone then
    answer = 2
  elseif old then
    local _, old_at = times_of(old)
    if at < old_at then answer = 2 end
  end
  if answer ~= 2 then
    local old_names = old and audiences_of(old) or ''
    if names == '\0' then
      names = old_names
    elseif names ~= old_names then
      for _, name in ipairs(split(old_names, 1)) do set_membership(name, token, false) end
      for _, name in ipairs(split(names, 1)) do set_membership(name, token, true) end
    end
    local record = struct.pack('>I6I6', math.max(at, now), at) .. owner .. names
    records[token] = record
    written[#written + 1] = token
    written[#written + 1] = record
    if not old then set_membership('all', token, true) end
    if gone then
      unburied[#unburied + 1] = token
      removed_at[token] = nil
    end
    if old and string.sub(old, 13, 12 + #owner) ~= owner then answer = old end
  end
  answers[#answers + 1] = answer
end

if #written > 0 then write_hash(KEYS[1], written) end
if #unburied > 0 then redis.call('ZREM', KEYS[2], unpack(unburied)) end
for name, changes in pairs(memberships) do
  local joined, left = {}, {}
  for token, member in pairs(changes) do
    local list = member and joined or left
    list[#list + 1] = token
  end
  if #joined > 0 then redis.call('SADD', audience_key(name), unpack(joined)) end
  if #left > 0 then redis.call('SREM', audience_key(name), unpack(left)) end
end
return answers
