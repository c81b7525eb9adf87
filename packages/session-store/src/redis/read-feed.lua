#!lua flags=no-writes
-- Reads a page of a feed, and what the feed holds.
--   KEYS[1]  epoch    KEYS[2]  feed    ARGV[1]  after this offset    ARGV[2]  entries at most, 0 for none
--   returns  epoch (false: nobody has named it yet), first id held ('' where nothing is) and the last ever given, then by turns
--            id, log position or 0, event
local function edge(command, from, to)
  local found = redis.call(command, KEYS[2], from, to, 'COUNT', 1)[1]
  return found and found[1] or ''
end
local last = edge('XREVRANGE', '+', '-')
-- A feed that was trimmed to nothing goes on counting where it was; one that does not exist is an error to XINFO.
if last == '' then
  local about = redis.pcall('XINFO', 'STREAM', KEYS[2])
  for i = 1, #about, 2 do
    if about[i] == 'last-generated-id' then last = about[i + 1] end
  end
end
local out = { redis.call('GET', KEYS[1]), edge('XRANGE', '-', '+'), last }
if ARGV[2] ~= '0' then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(0-' .. ARGV[1], '+', 'COUNT', ARGV[2])) do
    out[#out + 1], out[#out + 2], out[#out + 3] = entry[1], entry[2][1], entry[2][2]
  end
end
return out
