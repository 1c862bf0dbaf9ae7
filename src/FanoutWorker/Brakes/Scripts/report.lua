-- KEYS: brake, answers, good answers of the approach, outstanding pushes by worker. See AppBooks for the rules.
-- ARGV: worker, accepted, unregistered, suspect, rejected, credential refused, outstanding, wanted, opening seen in ms (0: none).
local now = now_ms()
local worker = ARGV[1]
local accepted, unregistered, suspect = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local answered = accepted + unregistered + suspect + tonumber(ARGV[5])
local refused, outstanding, wanted, seen_open = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local known = redis.call('HMGET', KEYS[1], 'open', 'openedAt', 'decidedAt', 'releasedAt', 'restsUntil', 'refusals')
local open, opened_at, decided_at = known[1] == '1', tonumber(known[2] or 0), tonumber(known[3] or 0)
local released_at, rests_until, refusals = tonumber(known[4] or -RULES.carry_on_ms), tonumber(known[5] or 0), tonumber(known[6] or 0)

local function count_window()
  local bucket = math.floor(now / RULES.bucket_ms)
  if answered > 0 then
    redis.call('HINCRBY', KEYS[2], bucket .. ':a', answered)
    redis.call('HINCRBY', KEYS[2], bucket .. ':u', unregistered)
    redis.call('HINCRBY', KEYS[2], bucket .. ':s', suspect)
    redis.call('PEXPIRE', KEYS[2], RULES.bucket_ms * (RULES.buckets + 1))
  end
  local window = {a = 0, u = 0, s = 0}
  local fields = redis.call('HGETALL', KEYS[2])
  for i = 1, #fields, 2 do
    local at, kind = string.match(fields[i], '^(%d+):(%a)$')
    if tonumber(at) <= bucket - RULES.buckets then
      redis.call('HDEL', KEYS[2], fields[i])
    else
      window[kind] = window[kind] + fields[i + 1]
    end
  end
  return window
end

local function judge(window)
  local bad = window.s + (released_at + RULES.carry_on_ms > now and 0 or window.u)
  if bad < RULES.minimum or bad <= RULES.share * window.a then
    return false
  end
  open, opened_at = true, now
  redis.call('HSET', KEYS[1], 'open', 1, 'openedAt', now, 'answers', window.a, 'unregistered', window.u, 'suspect', window.s)
  redis.call('DEL', KEYS[3]) -- whoever goes on after this begins small again
  return true
end

local window = count_window()
local just_opened = not open and judge(window)
if not open and seen_open > opened_at and seen_open > decided_at then
  open, opened_at = true, seen_open
  redis.call('HSET', KEYS[1], 'open', 1, 'openedAt', seen_open)
end
if open then
  redis.call('PERSIST', KEYS[1])
end

if accepted > 0 then
  if refusals > 0 then
    rests_until, refusals = 0, 0
    redis.call('HDEL', KEYS[1], 'restsUntil', 'refusals')
  end
elseif refused > 0 and now >= rests_until then
  rests_until = now + math.min(RULES.first_rest_ms * 2 ^ math.min(refusals, 10), RULES.longest_rest_ms)
  refusals = refusals + 1
  redis.call('HSET', KEYS[1], 'restsUntil', rests_until, 'refusals', refusals)
  remember(open)
end

local good
if accepted > 0 then
  good = redis.call('INCRBY', KEYS[3], accepted)
  redis.call('PEXPIRE', KEYS[3], RULES.good_for_ms)
else
  good = tonumber(redis.call('GET', KEYS[3]) or 0)
end
local trusted = good >= RULES.trusted_from and refusals == 0

local function outstanding_of_others()
  local sum = 0
  local workers = redis.call('HGETALL', KEYS[4])
  for i = 1, #workers, 2 do
    local pushes, seen = string.match(workers[i + 1], '^(%d+) (%d+)$')
    if now - seen >= RULES.worker_gone_ms then
      redis.call('HDEL', KEYS[4], workers[i])
    elseif workers[i] ~= worker then
      sum = sum + pushes
    end
  end
  return sum
end

local granted = 0
if not open and now >= rests_until then
  if trusted then
    granted = wanted
  else
    local allowance = refusals > 0 and RULES.trial or RULES.probation * 2 ^ math.floor(good / RULES.probation)
    granted = math.max(0, math.min(wanted, allowance - outstanding_of_others() - outstanding))
  end
end
redis.call('HSET', KEYS[4], worker, (outstanding + granted) .. ' ' .. now)
redis.call('PEXPIRE', KEYS[4], RULES.worker_gone_ms * 2)
return {open and 1 or 0, just_opened and 1 or 0, opened_at, rests_until, trusted and 1 or 0, granted, now}
