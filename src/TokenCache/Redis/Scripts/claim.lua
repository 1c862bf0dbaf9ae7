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

local answers = {}
for i = 1, #ARGV, 4 do
  local id, token, expected = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local at = math.min(tonumber(ARGV[i + 2]), now + CLOCK_SKEW)
  local gone = tonumber(redis.call('ZSCORE', KEYS[2], 'd' .. id) or -1)
  local entry = redis.call('HGET', KEYS[1], id)
  local answer = 'ok'
  if at <= gone then
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
  if answer == 'ok' then write_hash(KEYS[1], {id, struct.pack('>I6', at) .. token}) end
  answers[#answers + 1] = answer
end
return answers
