-- Notes which token a device id has. KEYS: ids, gone-owners. ARGV, four per device: id, token, at, and the entry that may be
-- overwritten (empty: none that names another token). An entry: at (6 bytes), token.
-- Answers per device `ok`, `lost <at>` when a later token or a removal stands, or `held <entry>`: that older token has to be
-- removed first, then ask again with its entry. So a crash in between leaves the older token known.
local now = now_ms()

-- Byte by byte; Lua's own comparison follows the locale.
local function precedes(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local ids, buried = {}, {}
for i = 1, #ARGV, 4 do
  ids[#ids + 1] = ARGV[i]
  buried[#buried + 1] = 'd' .. ARGV[i]
end
local entries = {}
for i, entry in ipairs(redis.call('HMGET', KEYS[1], unpack(ids))) do entries[ids[i]] = entry end
local removed_at = removals_of(KEYS[2], buried)

local answers, written = {}, {}
for i = 1, #ARGV, 4 do
  local id, token, expected = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local at = math.min(tonumber(ARGV[i + 2]), now + CLOCK_SKEW)
  local entry, gone = entries[id], removed_at['d' .. id]
  local answer = 'ok'
  if gone and at <= gone then
    answer = 'lost ' .. string.format('%.0f', gone)
  elseif entry then
    local held_at, held = struct.unpack('>I6', entry), string.sub(entry, 7)
    if held == token then
      at = math.max(at, held_at)
    elseif at < held_at or (at == held_at and precedes(token, held)) then
      answer = 'lost ' .. string.format('%.0f', held_at)
    elseif entry ~= expected then
      answer = 'held ' .. entry
    end
  end
  if answer == 'ok' then
    entries[id] = struct.pack('>I6', at) .. token
    written[#written + 1] = id
    written[#written + 1] = entries[id]
  end
  answers[#answers + 1] = answer
end
if #written > 0 then write_hash(KEYS[1], written) end
return answers
