-- KEYS: m, rm, b. ARGV: range, generation, batch, next attempt.
local claim = read_claim(ARGV[1] .. ':' .. ARGV[3])
if claim and claim.generation == tonumber(ARGV[2]) then
  claim.attempt = math.max(claim.attempt, tonumber(ARGV[4]))
  release_claim(claim)
  write_claim(claim)
end
