-- Shared by the scripts behind it.
-- A device record: registered-at and at (6 bytes each, milliseconds, big-endian), then fields, each behind a length byte:
-- user, device id (empty when there is none), and the audiences other than `all`.
-- Every key of a script has the tag of its first key, so all of them live on one node of a cluster.
local prefix = string.match(KEYS[1], '^(.*:)')

local function audience_key(name) return prefix .. 'aud:' .. name end

local function times_of(record) return struct.unpack('>I6I6', record) end

local function split(bytes, first)
  local fields, i = {}, first
  while i <= #bytes do
    local length = string.byte(bytes, i)
    fields[#fields + 1] = string.sub(bytes, i + 1, i + length)
    i = i + 1 + length
  end
  return fields
end

local function fields_of(record) return split(record, 13) end

local function field(text) return string.char(#text) .. text end

-- Redis' own clock, in milliseconds: one clock for all workers.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Member → when it was removed, of those members that were.
local function removals_of(key, members)
  local found = {}
  if redis.call('EXISTS', key) == 1 then
    for i, score in ipairs(redis.call('ZMSCORE', key, unpack(members))) do
      if score then found[members[i]] = tonumber(score) end
    end
  end
  return found
end

local CLOCK_SKEW = 5 * 60 * 1000
local TOMBSTONE_AGE = 30 * 24 * 60 * 60 * 1000

-- Writes fields of a hash. A hash that begins with a long value is a hash table from its first field on; else Redis keeps it
-- as a list and compares up to 512 fields, one by one, for each that is looked up.
local function write_hash(key, fields_and_values)
  local is_new = redis.call('EXISTS', key) == 0
  if is_new then redis.call('HSET', key, '', string.rep(' ', 65)) end
  redis.call('HSET', key, unpack(fields_and_values))
  if is_new then redis.call('HDEL', key, '') end
end
