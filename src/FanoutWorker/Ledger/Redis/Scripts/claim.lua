-- KEYS: m, rm, b, r of the range.
-- ARGV: range, generation, batch, digest of the range, offset, count, attempt, owner, lease in ms,
-- whether held tokens become pending again (1 or 0).
local index, batch, digest, owner = ARGV[1], ARGV[3], ARGV[4], ARGV[8]
local generation, offset, size = tonumber(ARGV[2]), tonumber(ARGV[5]), tonumber(ARGV[6])
local attempt, lease_ms = tonumber(ARGV[7]), tonumber(ARGV[9])
local now = now_ms()
local record, state = read_record()
if not record then
  return {'lost', state, 0, -1, now}
end

local range = read_range(index)
local claim = read_claim(index .. ':' .. batch)
if claim and (claim.generation ~= generation or claim.offset ~= offset or claim.count ~= size) then
  claim = nil -- the range was cut or snapped anew: no common history
end
local leased = claim and claim.owner ~= '0' and claim.lease_until > now
local idle = claim and claim.idle + (leased and 0 or 1) or 1 -- asking again under one's own lease is the same claim
local outcomes

local function judge()
  if state == 'done' then
    return 'done'
  end
  if not range or generation > range.generation then
    return 'lost'
  end
  if generation < range.generation or digest ~= range.digest or offset + size > range.size then
    return 'stale'
  end
  if claim and attempt < claim.attempt then
    return 'stale'
  end
  outcomes = size > 0 and redis.call('GETRANGE', KEYS[4], offset, offset + size - 1) or ''
  if not has_open(outcomes) then
    return 'settled'
  end
  if waits(state) then
    return 'paused'
  end
  if leased and claim.owner ~= owner then
    return 'busy'
  end
  if only_counts(state) then
    return 'cancelled'
  end
  return idle > LIMITS.idle_claims and 'poison' or 'go'
end

local verdict = judge()
if verdict ~= 'go' and verdict ~= 'poison' and verdict ~= 'cancelled' then
  return {verdict, progress(record, now)}
end
if verdict == 'cancelled' then
  idle = claim and claim.idle or 0
end
write_claim({
  place = index .. ':' .. batch, generation = generation, offset = offset, count = size,
  attempt = attempt, owner = owner, lease_until = now + lease_ms, idle = idle,
})
if verdict == 'go' and ARGV[10] == '1' then
  outcomes = unhold(record, KEYS[4], offset, outcomes)
end
local reply = {verdict, progress(record, now)}
table.insert(reply, outcomes)
table.insert(reply, now + lease_ms)
return reply
