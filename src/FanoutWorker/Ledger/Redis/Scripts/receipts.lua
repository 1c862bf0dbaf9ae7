-- KEYS: r and h of one range. ARGV: four bytes of hash. Answers position and outcome byte of every token that fits.
local receipts = redis.call('GET', KEYS[2]) or ''
local found = {}
local at = string.find(receipts, ARGV[1], 1, true)
while at do
  if at % 4 == 1 then
    local position = (at - 1) / 4
    found[#found + 1] = position
    found[#found + 1] = string.byte(redis.call('GETRANGE', KEYS[1], position, position), 1)
  end
  at = string.find(receipts, ARGV[1], at + 1, true)
end
return found
