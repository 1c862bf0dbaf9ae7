-- Which range may be published next. Ranges handed out but not seen by snap yet stand in `offered`, oldest first, each as
-- ' range:since'.

local function offer(record, range, now)
  set(record, 'offered', record.offered .. ' ' .. range .. ':' .. now)
  return range
end

local function arrived(record, range)
  set(record, 'offered', (string.gsub(record.offered, ' ' .. range .. ':%d+', '')))
end

local function next_range(record, now)
  if record.state == 'done' or waits(record.state) or is_complete(record) then
    return -1
  end
  local oldest, since = string.match(record.offered, '^ (%d+):(%d+)')
  if oldest and now - since >= LIMITS.offer_again_ms then
    arrived(record, oldest)
    return offer(record, tonumber(oldest), now)
  end
  -- Once it only counts, nothing is published that must be settled first: counted is enough.
  local passed = only_counts(record.state) and record.expanded or record.passed
  if record.released < record.ranges and record.released - passed < record.window then
    set(record, 'released', record.released + 1)
    return offer(record, record.released - 1, now)
  end
  return -1
end

-- The head of most answers: state, complete, range to release, time. Saves the record.
local function progress(record, now)
  local range = next_range(record, now)
  save(record)
  return record.state, is_complete(record) and 1 or 0, range, now
end
