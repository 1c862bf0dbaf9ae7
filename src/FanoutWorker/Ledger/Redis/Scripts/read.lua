-- KEYS: m, rm, b. Answers nothing when there is no record or it is closed.
local record, state = read_record()
if not record or state == 'done' then
  return false
end
save(record)
return {stored(record, now_ms())}
