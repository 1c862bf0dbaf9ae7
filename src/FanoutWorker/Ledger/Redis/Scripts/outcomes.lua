-- Outcomes are bytes: the outcome in the high three bits, its reason in the low five. The larger outcome wins.

-- Merges what is given into what is known. Counts in `moved` the tokens each value lost and gained; answers the merged
-- bytes, how many tokens changed, and how many of these have a final outcome now and had none before.
-- This is where Redis spends its time: a hundred bytes per call of string.byte, one table access per token that changes,
-- and runs of unchanged and of new bytes copied as a whole.
local function merge(known, given, moved)
  local byte, sub = string.byte, string.sub
  local steps, pieces, from, taking = {}, {}, 1, false
  for start = 1, #given, 100 do
    local olds, news = {byte(known, start, start + 99)}, {byte(given, start, start + 99)}
    for i = 1, #news do
      local old, new = olds[i], news[i]
      local raises = new - new % 32 > old
      if raises ~= taking then
        local at = start + i - 1
        pieces[#pieces + 1] = sub(taking and given or known, from, at - 1)
        taking, from = raises, at
      end
      if raises then
        local step = old * 256 + new
        steps[step] = (steps[step] or 0) + 1
      end
    end
  end
  pieces[#pieces + 1] = sub(taking and given or known, from)

  local changed, final = 0, 0
  for step, tokens in pairs(steps) do
    local new = step % 256
    local old = (step - new) / 256
    moved[old] = (moved[old] or 0) - tokens
    moved[new] = (moved[new] or 0) + tokens
    changed = changed + tokens
    if old < 64 and new >= 64 then
      final = final + tokens
    end
  end
  return table.concat(pieces), changed, final
end

-- Whether a token is pending or held.
local function has_open(outcomes)
  return string.find(outcomes, '[%z\1-\63]') ~= nil
end

local function count(record, moved)
  for value, tokens in pairs(moved) do
    if value >= 32 and tokens ~= 0 then
      redis.call('HINCRBY', KEYS[1], 'v' .. value, tokens)
      local field = 'c' .. math.floor(value / 32)
      set(record, field, record[field] + tokens)
    end
  end
end

-- Makes the held tokens of a stretch pending again; answers the outcomes that then hold.
local function unhold(record, key, offset, outcomes)
  local moved = {}
  local open = string.gsub(outcomes, '[\32-\63]', function(held)
    local value = string.byte(held)
    moved[value] = (moved[value] or 0) - 1
    return '\0'
  end)
  if next(moved) then
    redis.call('SETRANGE', key, offset, open)
    count(record, moved)
  end
  return open
end
