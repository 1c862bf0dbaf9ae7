-- Put before every script of the brake, behind RULES (see BrakeScripts).

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- An open brake stays until somebody decides; everything else is forgotten in the end.
local function remember(open)
  if not open then
    redis.call('PEXPIRE', KEYS[1], RULES.remembered_ms)
  end
end
