-- Who sends a batch, as text in b under 'range:index': generation, offset, count, attempt, owner, leaseUntil, idle claims.

local function read_claim(place)
  local text = redis.call('HGET', KEYS[3], place)
  if not text then
    return nil
  end
  local generation, offset, tokens, attempt, owner, lease_until, idle =
    string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
  return {
    place = place, generation = tonumber(generation), offset = tonumber(offset), count = tonumber(tokens),
    attempt = tonumber(attempt), owner = owner, lease_until = tonumber(lease_until), idle = tonumber(idle),
  }
end

local function write_claim(claim)
  redis.call('HSET', KEYS[3], claim.place, table.concat({
    claim.generation, claim.offset, claim.count, claim.attempt, claim.owner, claim.lease_until, claim.idle,
  }, ' '))
  redis.call('PEXPIRE', KEYS[3], LIMITS.safety_ttl_ms)
end

-- Nobody sends it any more; the claim ended in order, so it was not idle.
local function release_claim(claim)
  if claim.owner ~= '0' then
    claim.owner, claim.lease_until, claim.idle = '0', 0, math.max(0, claim.idle - 1)
  end
end
