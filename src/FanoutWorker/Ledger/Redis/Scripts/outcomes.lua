-- Outcomes are bytes: the outcome in the high three bits, its reason in the low five. The larger outcome wins.

-- Merges what is given into what is known. Counts in `moved` the tokens each value lost and gained; answers the merged
-- bytes, how many tokens changed, and how many of these have a final outcome now and had none before.
local function merge(known, given, moved)
  local byte, sub = string.byte, string.sub
  local pieces, from, changed, final = {}, 1, 0, 0
  local taking = false
  for i = 1, #given do
    local old, new = byte(known, i), byte(given, i)
    local raises = new - new % 32 > old
    if raises ~= taking then
      pieces[#pieces + 1] = sub(taking and given or known, from, i - 1)
      taking, from = raises, i
    end
    if raises then
      changed = changed + 1
      moved[old] = (moved[old] or 0) - 1
      moved[new] = (moved[new] or 0) + 1
      if old < 64 and new >= 64 then
        final = final + 1
      end
    end
  end
  pieces[#pieces + 1] = sub(taking and given or known, from)
  return table.concat(pieces), changed, final
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
