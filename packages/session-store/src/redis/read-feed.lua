#!lua flags=no-writes
-- Reads a page of a feed, and what the feed holds.
--   KEYS[1]  epoch    KEYS[2]  feed    ARGV[1]  after this offset    ARGV[2]  entries at most, 0 for none
--   returns  epoch (false: nobody has named it yet), first and last id ('' where nothing is held), then by turns
--            id, log position or 0, event
local function edge(command, from, to)
  local found = redis.call(command, KEYS[2], from, to, 'COUNT', 1)[1]
  return found and found[1] or ''
end
local out = { redis.call('GET', KEYS[1]), edge('XRANGE', '-', '+'), edge('XREVRANGE', '+', '-') }
if ARGV[2] ~= '0' then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(0-' .. ARGV[1], '+', 'COUNT', ARGV[2])) do
    out[#out + 1], out[#out + 2], out[#out + 3] = entry[1], entry[2][1], entry[2][2]
  end
end
return out
