#!lua
-- Adds one to a counter, which is forgotten some time after its first step.
--   KEYS[1]  counter    ARGV[1]  forgotten after, ms    returns  the new count
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
