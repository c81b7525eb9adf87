#!lua
-- Writes or removes one configuration object, if nobody has changed any meanwhile.
--   KEYS[1]  objects    KEYS[2]  the channel that tells of it
--   ARGV[1]  revision that was read    ARGV[2]  '<kind> <id>'    ARGV[3]  JSON, '' to remove    ARGV[4]  the caller's token
--   returns  1 if it was done
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[2]) else redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) end
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('SPUBLISH', KEYS[2], ARGV[4])
return 1
