-- Says one command as the store's scripts do, to find out whether it may be said.
--   KEYS[1]  a key of its own    ARGV  the command and its arguments
--   returns  'OK', or the error
local reply = redis.pcall(unpack(ARGV))
if type(reply) == 'table' and reply.err then return reply.err end
return 'OK'
