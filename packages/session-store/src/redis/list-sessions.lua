#!lua flags=no-writes
-- Lists sessions by when they began, after a cursor.
--   KEYS[1]  sessions    ARGV[1]  from, ms    ARGV[2]  until, ms, not included    ARGV[3]  sessions at most
--   ARGV[4]  the last session seen, '' for none    ARGV[5]  when that began, ms
--   returns  ids and times by turns
local out, from = {}, ARGV[1]
if ARGV[4] ~= '' then
  from = '(' .. ARGV[5]
  local same = redis.call('ZRANGE', KEYS[1], ARGV[5], ARGV[5], 'BYSCORE')
  table.sort(same)
  for _, id in ipairs(same) do
    if id > ARGV[4] then out[#out + 1], out[#out + 2] = id, ARGV[5] end
  end
end
local later = redis.call('ZRANGE', KEYS[1], from, '(' .. ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[3], 'WITHSCORES')
for _, word in ipairs(later) do out[#out + 1] = word end
return out
