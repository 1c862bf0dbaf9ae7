-- KEYS: brake. ARGV: reason, tokens.
redis.call('HINCRBY', KEYS[1], 'q:' .. ARGV[1], ARGV[2])
remember(redis.call('HGET', KEYS[1], 'open') == '1')
