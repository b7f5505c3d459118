-- Appends one event when, and only when, it is the stream's next.  The stream's own last
-- generated id, <ms>-<seq>, is the sequence register: ONE write command, one AOF record.
-- KEYS: stream, fence, and a list where one is wanted: only then there is a second write.
-- ARGV: generation, owner, seq, base, maxlen, id, then the entry's values.
local fence = redis.call('HMGET', KEYS[2], 'gen', 'owner')
local seq, base, top = tonumber(ARGV[3]), tonumber(ARGV[4]), 0
-- The last entry is cheaper to ask for than XINFO, and nearly always right; when the answer
-- would be anything but OK (an entry may have been deleted) XINFO decides.
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then top = tonumber(string.match(last[1], '%-(%d+)$')) end
if seq ~= top + 1 and redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      top = tonumber(string.match(info[i + 1], '%-(%d+)$'))
      break
    end
  end
end
if fence[1] ~= ARGV[1] then return {'GEN', top} end
if fence[2] ~= ARGV[2] then
  -- Our own nonce: a hello of a connection that was given up came late.  Say hello again.
  local nonce = string.match(ARGV[2], ':(.*)$')
  local ours = fence[2] and string.match(fence[2], ':(.*)$') == nonce
  return {ours and 'GEN' or 'FENCED', top}
end
if base > top then top = base end
if seq <= top then return {'DUP', top} end
if seq > top + 1 then return {'GAP', top} end
if KEYS[3] then -- asked first: a second write must not fail when the first is done
  local kind = redis.call('TYPE', KEYS[3]).ok
  if kind ~= 'none' and kind ~= 'list' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[3] .. ' is no list')
  end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], ARGV[6],
  't', ARGV[7], 'k', ARGV[8], 'f', ARGV[9], 'l', ARGV[10], 'v', ARGV[11], 'j', ARGV[12])
-- Together with its entry or not at all, so that the stream's register is the list's as well.
if KEYS[3] then redis.call('LPUSH', KEYS[3], ARGV[12]) end
return {'OK', seq}
