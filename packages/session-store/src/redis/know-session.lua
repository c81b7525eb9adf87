#!lua
-- Takes a session that was made before sessions were listed into the list, if it is still there.
--   KEYS[1]  call    KEYS[2]  sessions    KEYS[3]  passing    ARGV[1]  its id
--   returns  1 if it was taken in
local json = redis.call('HGET', KEYS[1], 'j')
if not json then return 0 end
local added = redis.call('ZADD', KEYS[2], 'NX', string.format('%.0f', cjson.decode(json).created), ARGV[1])
local ms = redis.call('PTTL', KEYS[1])
if added == 1 and ms > 0 then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ms, ARGV[1])
end
return added
