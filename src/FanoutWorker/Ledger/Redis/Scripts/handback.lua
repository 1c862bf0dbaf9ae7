-- KEYS: m, rm, b. ARGV: range, generation, batch, digest of the range, owner.
local claim = read_claim(ARGV[1] .. ':' .. ARGV[3])
if claim and claim.generation == tonumber(ARGV[2]) and claim.owner == ARGV[5] and find_range(ARGV[1], claim.generation, ARGV[4]) then
  release_claim(claim)
  write_claim(claim)
end
