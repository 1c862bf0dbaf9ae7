-- KEYS: m, rm, b.
local now = now_ms()
local record, state = read_record()
if not record then
  return {state, 0, -1, now}
end
return {progress(record, now)}
