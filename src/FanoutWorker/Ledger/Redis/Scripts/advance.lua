-- KEYS: m, rm, b. ARGV: range, generation, batch, digest of the range, next attempt.
local claim = read_claim(ARGV[1] .. ':' .. ARGV[3])
if claim and claim.generation == tonumber(ARGV[2]) and find_range(ARGV[1], claim.generation, ARGV[4]) then
  claim.attempt = math.max(claim.attempt, tonumber(ARGV[5]))
  release_claim(claim)
  write_claim(claim)
end
