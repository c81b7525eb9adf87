#!lua
-- Makes each of several changes true, or leaves it undone, one after the other.
--   KEYS[1]  epoch        KEYS[2]  nodes        then the keys of each operation, in the order of the operations
--   ARGV[1]  the caller's token    ARGV[2]  '~' or '='    ARGV[3]  entries to hold of a feed
--   then for each change: how many arguments and how many keys it has, and its operations. Conditions come first:
--     D <message id>            ids     not accepted before, else the change is a duplicate
--     E <version>               record  is at this version, '0' for none
--     C <call or ''>            claim   is held by this call, '' for none
--   then writes, the log before what carries its position:
--     L <text>                  log, call   appends
--     I <message id> <sent>     ids, call   remembers the id with the log position
--     P <version> <json> <ms> <id> <created>
--                               call, log, ids, sessions, passing   writes the call; the first three expire, '' keeps them, '=' leaves
--                               it as it was; with the call, what the change and those before it left in its feeds passes
--     R <version> <json> <ms>   record  the same for any other record
--     S <call or ''>            claim   gives or frees
--     U <id>                    timers, data   cancels
--     T <id> <due> <json>       timers, data   sets
--     Z <call>                  live    has left this state
--     A <call> <created>        live    living in this state
--     F <event>                 feed    appends and tells the other nodes
--     G <event> <entries>       feed    the same for a feed that holds so many entries
--   returns  one line of words: the epoch; for each change '0' and the numbers its appends got, in order,
--            or '1' (conflict), or '2 <log position> <sent>' (duplicate)
local call, keys, args = redis.call, KEYS, ARGV
local token, trim, limit = args[1], args[2], args[3]
-- Trimming at each append costs more than holding a few entries longer; building one string of several costs most of all.
local trimEvery = 64

local epoch = call('GET', keys[1])
if not epoch then -- somebody emptied the store: what is written now is another memory
  local time = call('TIME')
  epoch = token .. string.format('%x%05x', time[1], time[2])
  call('SET', keys[1], epoch)
end
-- While this node is alone nobody else can watch a feed, and publishing would only come back to it.
local shared = call('ZCARD', keys[2]) > 1

local function expire(key, ms)
  if ms == '=' then return end
  if ms ~= '' then call('PEXPIRE', key, ms) else call('PERSIST', key) end
end

-- What is made beside a call that expires must go with it.
local function expireWith(key, record)
  local ms = call('PTTL', record)
  if ms > 0 then call('PEXPIRE', key, ms) end
end

local out, n = { epoch }, 1
local a, k, total = 4, 3, #args
while a <= total do
  local nextArg, nextKey = a + 2 + args[a], k + args[a + 1]
  local log, passing, due, ended = '0', nil, nil, nil
  a = a + 2
  n = n + 1
  out[n] = '0'
  while a < nextArg do
    local op, x = args[a], args[a + 1]
    if op == 'F' then
      local offset = string.sub(call('XADD', keys[k], '0-*', log, x), 3)
      n = n + 1
      out[n] = offset
      if offset % trimEvery == 0 then call('XTRIM', keys[k], 'MAXLEN', trim, limit) end
      if ended then ended = ended .. '\n' .. offset .. '\n' .. keys[k] end
      if shared then call('SPUBLISH', keys[k], token .. ' ' .. offset .. ' ' .. log .. ' ' .. x) end
      a, k = a + 2, k + 1
    elseif op == 'E' then
      if (call('HGET', keys[k], 'v') or '0') ~= x then
        out[n] = '1'
        break
      end
      a, k = a + 2, k + 1
    elseif op == 'L' then
      log = string.sub(call('XADD', keys[k], '0-*', 't', x), 3)
      n = n + 1
      out[n] = log
      if log == '1' then expireWith(keys[k], keys[k + 1]) end
      a, k = a + 2, k + 2
    elseif op == 'D' then
      local before = call('HGET', keys[k], x)
      if before then
        -- Written again, so that who waits for replicas waits for the first time it was accepted, by whatever connection.
        call('HSET', keys[k], x, before)
        out[n] = '2 ' .. before
        break
      end
      a, k = a + 2, k + 1
    elseif op == 'I' then
      call('HSET', keys[k], x, log .. ' ' .. args[a + 2])
      if call('HLEN', keys[k]) == 1 then expireWith(keys[k], keys[k + 1]) end
      a, k = a + 3, k + 2
    elseif op == 'C' then
      if (call('GET', keys[k]) or '') ~= x then
        out[n] = '1'
        break
      end
      a, k = a + 2, k + 1
    elseif op == 'S' then
      if x == '' then call('DEL', keys[k]) else call('SET', keys[k], x) end
      a, k = a + 2, k + 1
    elseif op == 'P' then
      call('HSET', keys[k], 'v', x, 'j', args[a + 2])
      local ms, id = args[a + 3], args[a + 4]
      for i = k, k + 2 do expire(keys[i], ms) end
      if x == '1' then call('ZADD', keys[k + 3], args[a + 5], id) end
      if ms ~= '' and ms ~= '=' then
        local time = call('TIME')
        passing, due = keys[k + 4], time[1] * 1000 + math.floor(time[2] / 1000) + ms
        ended = id
      end
      a, k = a + 6, k + 5
    elseif op == 'R' then
      call('HSET', keys[k], 'v', x, 'j', args[a + 2])
      expire(keys[k], args[a + 3])
      a, k = a + 4, k + 1
    elseif op == 'U' then
      call('ZREM', keys[k], x)
      call('HDEL', keys[k + 1], x)
      a, k = a + 2, k + 2
    elseif op == 'T' then
      call('ZADD', keys[k], args[a + 2], x)
      call('HSET', keys[k + 1], x, args[a + 3])
      a, k = a + 4, k + 2
    elseif op == 'G' then
      local offset = string.sub(call('XADD', keys[k], '0-*', log, x), 3)
      n = n + 1
      out[n] = offset
      if offset % trimEvery == 0 then call('XTRIM', keys[k], 'MAXLEN', trim, args[a + 2]) end
      if ended then ended = ended .. '\n' .. offset .. '\n' .. keys[k] end
      if shared then call('SPUBLISH', keys[k], token .. ' ' .. offset .. ' ' .. log .. ' ' .. x) end
      a, k = a + 3, k + 1
    elseif op == 'A' then
      call('ZADD', keys[k], args[a + 2], x)
      a, k = a + 3, k + 1
    else -- Z
      call('ZREM', keys[k], x)
      a, k = a + 2, k + 1
    end
  end
  if ended then call('ZADD', passing, due, ended) end
  a, k = nextArg, nextKey
end
return table.concat(out, ' ')
