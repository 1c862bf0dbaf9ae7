-- KEYS: m, rm, b, and of the range: r, h. ARGV: range, four bytes of hash.
-- Answers how many receipts there are, then five per token that fits: position, outcome byte, and the claim that it belongs to (batch,
-- attempt, whether somebody is sending it; -1, 0, 0 without one). Nothing when the range has no receipts.
local receipts = redis.call('GET', KEYS[5])
if not receipts then
  return false
end
local now = now_ms()
local range = read_range(ARGV[1])
local claims

local function claims_of_range()
  local found = {}
  for _, place in ipairs(range and redis.call('HKEYS', KEYS[3]) or {}) do
    local index, batch = string.match(place, '^(%d+):(%d+)$')
    local claim = index == ARGV[1] and read_claim(place)
    if claim and claim.generation == range.generation then
      claim.index = tonumber(batch)
      found[#found + 1] = claim
    end
  end
  return found
end

-- When the range was cut twice, the claim that got further.
local function claim_of(position)
  claims = claims or claims_of_range()
  local best
  for _, claim in ipairs(claims) do
    local covers = position >= claim.offset and position < claim.offset + claim.count
    if covers and (not best or claim.attempt > best.attempt or (claim.attempt == best.attempt and claim.index < best.index)) then
      best = claim
    end
  end
  return best
end

local reply = {#receipts / 4}
local at = string.find(receipts, ARGV[2], 1, true)
while at do
  if at % 4 == 1 then
    local position = (at - 1) / 4
    local claim = claim_of(position)
    local sending = claim and claim.owner ~= '0' and claim.lease_until > now
    for _, value in ipairs({
      position, string.byte(redis.call('GETRANGE', KEYS[4], position, position), 1),
      claim and claim.index or -1, claim and claim.attempt or 0, sending and 1 or 0,
    }) do
      reply[#reply + 1] = value
    end
  end
  at = string.find(receipts, ARGV[2], at + 1, true)
end
return reply
