#!lua
-- Leases due timers to the asker: they come due again unless they are cancelled before.
--   KEYS[1]  timers    KEYS[2]  data    ARGV[1]  now, ms    ARGV[2]  timers at most    ARGV[3]  lease, ms
--   returns  ids and JSON by turns
local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local timer = redis.call('HGET', KEYS[2], id)
  if timer then
    redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[3], id)
    out[#out + 1], out[#out + 2] = id, timer
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return out
