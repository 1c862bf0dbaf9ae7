-- KEYS: m, rm, b, x of the range. ARGV: range, generation.
local now = now_ms()
local record, state = read_record()
if not record then
  return {state, 0, -1, now}
end
local range = read_range(ARGV[1])
if range and range.generation == tonumber(ARGV[2]) and not range.expanded then
  range.expanded = true
  set(record, 'expanded', record.expanded + 1)
  mark_passed(record, range)
  write_range(range)
  redis.call('UNLINK', KEYS[4])
end
return {progress(record, now)}
