-- Put before every script of the ledger, behind LIMITS (see LedgerScripts).
-- KEYS[1] is the record (m), KEYS[2] its ranges (rm), KEYS[3] its claims (b); keys of single ranges follow.

local NUMBERS = {'ranges', 'window', 'released', 'passed', 'expanded', 'size', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'}

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The record, or nil when there is none (a remembered control message is not a record), and the state in either case.
local function read_record()
  local values = redis.call('HMGET', KEYS[1], 'state', 'offered', 'completedAt', unpack(NUMBERS))
  local record = {state = values[1] or 'running', offered = values[2], completed_at = values[3], changed = {}}
  for i, field in ipairs(NUMBERS) do
    record[field] = tonumber(values[3 + i])
  end
  return record.ranges and record, record.state
end

local function set(record, field, value)
  record[field] = value
  record.changed[field] = value
end

local function waits(state)
  return state == 'paused'
end

local function only_counts(state)
  return state == 'cancelled' or state == 'expired'
end

local function settled(record)
  return record.c2 + record.c3 + record.c4 + record.c5 + record.c6 + record.c7
end

local function is_complete(record)
  return record.state ~= 'done' and record.expanded == record.ranges and settled(record) == record.size
end

-- What a range holds, as text in rm: generation, size, settled, expanded, passed, digest.
local function read_range(index)
  local text = redis.call('HGET', KEYS[2], index)
  if not text then
    return nil
  end
  local generation, size, done, expanded, passed, digest = string.match(text, '^(%d+) (%d+) (%d+) (%d) (%d) (%x+)$')
  return {
    index = index, generation = tonumber(generation), size = tonumber(size), settled = tonumber(done),
    expanded = expanded == '1', passed = passed == '1', digest = digest,
  }
end

-- Whether a position of that content is one of this range. A generation alone does not say: one that a crash of Redis forgot is
-- given away once more.
local function holds(range, generation, digest)
  return range and range.generation == generation and range.digest == digest
end

local function find_range(index, generation, digest)
  local range = read_range(index)
  return holds(range, generation, digest) and range
end

local function write_range(range)
  redis.call('HSET', KEYS[2], range.index, table.concat({
    range.generation, range.size, range.settled, range.expanded and 1 or 0, range.passed and 1 or 0, range.digest,
  }, ' '))
end

-- A range that was seen half settled (an empty one: expanded) makes room for the next, once.
local function mark_passed(record, range)
  local half = range.settled * 2 >= range.size and (range.size > 0 or range.expanded)
  if half and not range.passed then
    range.passed = true
    set(record, 'passed', record.passed + 1)
  end
end

-- A key of one range, for scripts that walk over all of them; it has the hash tag of KEYS[1].
local function range_key(kind, index)
  return string.sub(KEYS[1], 1, -2) .. kind .. ':' .. index
end

-- Writes what changed, and renews the life of every key of the notification, at most about once a day.
local function save(record)
  local fields = {}
  for field, value in pairs(record.changed) do
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  if #fields > 0 then
    redis.call('HSET', KEYS[1], unpack(fields))
  end
  if record.state ~= 'done' and redis.call('PTTL', KEYS[1]) < LIMITS.renew_below_ms then
    for i = 1, 3 do
      redis.call('PEXPIRE', KEYS[i], LIMITS.safety_ttl_ms)
    end
    for _, index in ipairs(redis.call('HKEYS', KEYS[2])) do
      for _, kind in ipairs({'r', 'h', 'x'}) do
        redis.call('PEXPIRE', range_key(kind, index), LIMITS.safety_ttl_ms)
      end
    end
  end
end
