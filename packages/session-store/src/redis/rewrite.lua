#!lua
-- Writes other words in the place of some entries of a stream. Entries cannot be changed, so all are taken out and put in again.
--   KEYS[1]  stream    ARGV  by turns the id and the new JSON of an entry
--   returns  how many of them are held
local words, found = {}, 0
for i = 1, #ARGV, 2 do words[ARGV[i]] = ARGV[i + 1] end
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
for _, entry in ipairs(entries) do
  if words[entry[1]] then found = found + 1 end
end
if found == 0 then return 0 end
local ms = redis.call('PTTL', KEYS[1])
redis.call('DEL', KEYS[1])
for _, entry in ipairs(entries) do
  redis.call('XADD', KEYS[1], entry[1], entry[2][1], words[entry[1]] or entry[2][2])
end
if ms > 0 then redis.call('PEXPIRE', KEYS[1], ms) end
return found
