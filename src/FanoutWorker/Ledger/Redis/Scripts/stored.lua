-- What create and read tell of a record: request, plan, and how far it got.

local function unfinished_ranges(record)
  local unfinished = {}
  for index = 0, record.released - 1 do
    local range = read_range(index)
    if not (range and range.expanded) then
      unfinished[#unfinished + 1] = index
    end
  end
  return unfinished
end

local function stored(record, now)
  local fields = redis.call('HMGET', KEYS[1], 'app', 'request', 'plan', 'requestedAt', 'shortWay', 'ticked')
  return record.state, now, is_complete(record) and 1 or 0, settled(record), record.released, unfinished_ranges(record), unpack(fields)
end
