-- KEYS: m, rm, b. Answers the whole record, or nothing when it is not complete.
local record, state = read_record()
if not record or not (record.completed_at or is_complete(record)) then
  return false
end
if not record.completed_at then
  set(record, 'completedAt', now_ms())
  set(record, 'ended', only_counts(state) and state or 'done')
  save(record)
end
return redis.call('HGETALL', KEYS[1])
