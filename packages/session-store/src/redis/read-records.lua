#!lua flags=no-writes
-- Reads records and claims at one moment.
--   KEYS      records, then claims    ARGV[1]  how many are records
--   returns  for each record its version and JSON, for each claim the call; false for what does not exist
local out = {}
for i, key in ipairs(KEYS) do
  if i <= tonumber(ARGV[1]) then
    local record = redis.call('HMGET', key, 'v', 'j')
    out[#out + 1], out[#out + 2] = record[1], record[2]
  else
    out[#out + 1] = redis.call('GET', key)
  end
end
return out
