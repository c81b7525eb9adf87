#!lua flags=no-writes
-- Counts the living calls, or lists the oldest of them after a cursor.
--   KEYS      one sorted set per state    ARGV[1]  calls at most of each state, 0 to count
--   ARGV[2]  the last call seen, '' for none    ARGV[3]  when that was created, ms
--   returns  for each state the count, or ids and times by turns
local out = {}
for i, key in ipairs(KEYS) do
  if ARGV[1] == '0' then
    out[i] = redis.call('ZCARD', key)
  else
    local page, from = {}, '-inf'
    if ARGV[2] ~= '' then
      from = '(' .. ARGV[3]
      for _, id in ipairs(redis.call('ZRANGE', key, ARGV[3], ARGV[3], 'BYSCORE')) do
        if id > ARGV[2] then page[#page + 1], page[#page + 2] = id, ARGV[3] end
      end
    end
    local later = redis.call('ZRANGE', key, from, '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[1], 'WITHSCORES')
    for _, word in ipairs(later) do page[#page + 1] = word end
    out[i] = page
  end
end
return out
