#!lua
-- Says that a node is here and takes writes, and finds out whether this is still the memory the offsets belong to.
--   KEYS[1]  epoch    KEYS[2]  memory    KEYS[3]  nodes
--   ARGV[1]  the node's token    ARGV[2]  '1' if every write is on disk before its answer    ARGV[3]  a silent node is forgotten after, ms
--   returns  epoch, 1 if the node was not known (any longer), maxmemory policy, role
local function info(section, field)
  return string.match(redis.call('INFO', section), '\n' .. field .. ':([^\r\n]*)') or ''
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local run, promoted = info('server', 'run_id'), info('replication', 'master_replid2')
local known = redis.call('HMGET', KEYS[2], 'run', 'durable', 'promoted')

-- A process that started anew has lost the writes that were not on disk; a promoted replica those that had not reached it.
local restarted = known[1] and known[1] ~= run and known[2] ~= '1'
local failedOver = known[1] and known[3] ~= promoted and string.find(promoted, '[^0]')
local epoch = redis.call('GET', KEYS[1])
if not epoch or restarted or failedOver then
  epoch = ARGV[1] .. string.format('%x%05x', time[1], time[2])
  redis.call('SET', KEYS[1], epoch)
end
if known[1] ~= run or known[2] ~= ARGV[2] or known[3] ~= promoted then
  redis.call('HSET', KEYS[2], 'run', run, 'durable', ARGV[2], 'promoted', promoted)
end

redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[3])
local added = redis.call('ZADD', KEYS[3], now, ARGV[1])
return { epoch, added, info('memory', 'maxmemory_policy'), info('replication', 'role') }
