-- How many members audiences have in one shard. KEYS: dev. ARGV: names. Answers a number per name.
local sizes = {}
for i, name in ipairs(ARGV) do sizes[i] = redis.call('SCARD', audience_key(name)) end
return sizes
