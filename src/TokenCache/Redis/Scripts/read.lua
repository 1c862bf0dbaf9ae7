-- The tokens of an audience expression that live in one shard. KEYS: dev.
-- ARGV: `read` or `count`; `yes` when audiences are meant, else only the tokens given; how many names are any of, all of,
-- none of; those names; then two per token given: token, and the user that its record must name (empty: none needed).
-- Answers the tokens packed, each behind a length byte, or how many there are.
local function keys(first, count)
  local list = {}
  for i = first, first + count - 1 do list[#list + 1] = audience_key(ARGV[i]) end
  return list
end

local any_count, all_count, none_count = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local any = keys(6, any_count)
local all = keys(6 + any_count, all_count)
local none = keys(6 + any_count + all_count, none_count)
local given = 6 + any_count + all_count + none_count

local function joined(a, b)
  local list = {unpack(a)}
  for _, key in ipairs(b) do list[#list + 1] = key end
  return list
end

-- Those of the members that are (or are not) in the set.
local function filter(members, key, wanted)
  local kept = {}
  for i = 1, #members, 1000 do
    local last = math.min(i + 999, #members)
    local flags = redis.call('SMISMEMBER', key, unpack(members, i, last))
    for j = i, last do
      if flags[j - i + 1] == wanted then kept[#kept + 1] = members[j] end
    end
  end
  return kept
end

local function members_of_audiences()
  if #any + #all == 1 and #none > 0 then return redis.call('SDIFF', unpack(joined(joined(any, all), none))) end
  local members
  if #any > 1 then
    members = redis.call('SUNION', unpack(any))
    for _, key in ipairs(all) do members = filter(members, key, 1) end
  else
    members = redis.call('SINTER', unpack(joined(any, all)))
  end
  for _, key in ipairs(none) do members = filter(members, key, 0) end
  return members
end

local function is_meant(token, user)
  for _, key in ipairs(all) do
    if redis.call('SISMEMBER', key, token) == 0 then return false end
  end
  for _, key in ipairs(none) do
    if redis.call('SISMEMBER', key, token) == 1 then return false end
  end
  for _, key in ipairs(any) do
    if redis.call('SISMEMBER', key, token) == 1 then return false end -- is among the members already
  end
  if user == '' then return true end
  local record = redis.call('HGET', KEYS[1], token)
  return record and fields_of(record)[1] == user
end

local function packed(members)
  if #members == 0 then return '' end
  local length = #members[1]
  for i = 2, #members do
    if #members[i] ~= length then
      for j = 1, #members do members[j] = field(members[j]) end
      return table.concat(members)
    end
  end
  local mark = string.char(length)
  return mark .. table.concat(members, mark)
end

if ARGV[1] == 'count' and #any + #all == 1 and #none == 0 and given > #ARGV then
  return redis.call('SCARD', any[1] or all[1])
end
local members = ARGV[2] == 'yes' and members_of_audiences() or {}
for i = given, #ARGV, 2 do
  if is_meant(ARGV[i], ARGV[i + 1]) then members[#members + 1] = ARGV[i] end
end
if ARGV[1] == 'count' then return #members end
return packed(members)
