-- KEYS: m, rm, b, x of the range. ARGV: range, generation, its digest.
local now = now_ms()
local record, state = read_record()
if not record then
  return {state, 0, -1, now}
end
local range = find_range(ARGV[1], tonumber(ARGV[2]), ARGV[3])
if range and not range.expanded then
  range.expanded = true
  set(record, 'expanded', record.expanded + 1)
  mark_passed(record, range)
  write_range(range)
  redis.call('UNLINK', KEYS[4])
end
return {progress(record, now)}
