-- KEYS: m, rm, b, then r of each segment's range.
-- ARGV, nine per segment: range, generation, batch, digest of the range, offset, outcomes, owner, lease in ms, ambiguous answers.
local now = now_ms()
local record, state = read_record()
local segments = {}
for i = 1, #KEYS - 3 do
  local at = (i - 1) * 9
  segments[i] = {
    key = KEYS[3 + i], range = ARGV[at + 1], generation = tonumber(ARGV[at + 2]), place = ARGV[at + 1] .. ':' .. ARGV[at + 3],
    digest = ARGV[at + 4], offset = tonumber(ARGV[at + 5]), outcomes = ARGV[at + 6], owner = ARGV[at + 7],
    lease_ms = tonumber(ARGV[at + 8]), ambiguous = tonumber(ARGV[at + 9]),
  }
end
if not record then
  return {state, 0, -1, now, string.rep('0', #segments), 'lost'}
end

local function known_outcomes(segment)
  if #segment.outcomes == 0 then
    return ''
  end
  return redis.call('GETRANGE', segment.key, segment.offset, segment.offset + #segment.outcomes - 1)
end

if record.completed_at then
  local late = 0
  for _, segment in ipairs(segments) do
    local known = known_outcomes(segment)
    if #known == #segment.outcomes then
      local _, news = merge(known, segment.outcomes, {})
      late = late + news
    end
  end
  if late > 0 then
    redis.call('HINCRBY', KEYS[1], 'late', late)
  end
  local reply = {progress(record, now)}
  table.insert(reply, string.rep('0', #segments))
  return reply
end

local ranges, claims, moved, ambiguous = {}, {}, {}, 0

local function range_of(segment)
  ranges[segment.range] = ranges[segment.range] or read_range(segment.range)
  local range = ranges[segment.range]
  return holds(range, segment.generation, segment.digest) and range
end

local function claim_of(segment)
  claims[segment.place] = claims[segment.place] or read_claim(segment.place)
  local claim = claims[segment.place]
  return claim and claim.generation == segment.generation and claim
end

local function settle(segment)
  local range = range_of(segment)
  if not range or segment.offset + #segment.outcomes > range.size then
    return '0'
  end
  local merged, changed, final = merge(known_outcomes(segment), segment.outcomes, moved)
  if changed > 0 then
    redis.call('SETRANGE', segment.key, segment.offset, merged)
    range.settled = range.settled + final
  end
  mark_passed(record, range)
  ambiguous = ambiguous + segment.ambiguous
  local claim = claim_of(segment)
  if not claim then
    return '0'
  end
  claim.key = segment.key
  if changed > 0 then
    claim.idle = 0
  end
  if segment.owner == '0' or claim.owner ~= segment.owner then
    return '0'
  end
  claim.lease_until = now + segment.lease_ms
  return '1'
end

local still_owner = {}
for i, segment in ipairs(segments) do
  still_owner[i] = settle(segment)
end

-- Not before the last segment: two of them may belong to one batch.
for place, claim in pairs(claims) do
  if claim.key then
    local outcomes = redis.call('GETRANGE', claim.key, claim.offset, claim.offset + claim.count - 1)
    if has_open(outcomes) then
      write_claim(claim)
    else
      redis.call('HDEL', KEYS[3], place)
    end
  end
end
for _, range in pairs(ranges) do
  write_range(range)
end
count(record, moved)
for value, tokens in pairs(moved) do
  if value >= 128 and tokens > 0 then -- undeliverable and above: outcomes that only an attempt can have
    redis.call('HSETNX', KEYS[1], 'firstPushAt', now)
  end
end
if ambiguous > 0 then
  redis.call('HINCRBY', KEYS[1], 'ambiguous', ambiguous)
end
local reply = {progress(record, now)}
table.insert(reply, table.concat(still_owner))
return reply
