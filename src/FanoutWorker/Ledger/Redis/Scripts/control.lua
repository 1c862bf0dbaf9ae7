-- KEYS: m, rm, b. ARGV: action, the moment it names in µs. See ControlState for the rules.
local WANTED = {pause = 'paused', resume = 'running', cancel = 'cancelled', expire = 'expired'}
local wanted, at = WANTED[ARGV[1]], ARGV[2]
local record, state = read_record()
local state_at = redis.call('HGET', KEYS[1], 'stateAt')

local function decides()
  if record and record.completed_at then
    return false
  end
  if only_counts(state) then
    return wanted == state and at == state_at
  end
  if only_counts(wanted) or not state_at then
    return true
  end
  if at == state_at then
    return wanted == 'paused' or wanted == state
  end
  return tonumber(at) > tonumber(state_at)
end

local applied = decides()
if applied then
  redis.call('HSET', KEYS[1], 'state', wanted, 'stateAt', at)
  state = wanted
end
if record then
  record.state = state
  save(record)
else
  redis.call('PEXPIRE', KEYS[1], LIMITS.remember_control_ms)
end
return {state, record and 1 or 0, applied and 1 or 0, record and is_complete(record) and 1 or 0}
