#!lua flags=no-writes
-- Reads all configuration objects and their revision.
--   KEYS[1]  objects    returns  fields and values by turns
return redis.call('HGETALL', KEYS[1])
