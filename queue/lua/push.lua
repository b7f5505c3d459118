-- Appends one event when, and only when, it is the stream's next.  The stream's own last
-- generated id, <ms>-<seq>, is the sequence register: ONE write command, one AOF record.
-- KEYS: stream, fence.  ARGV: generation, owner, seq, base, maxlen, id, then the entry's values.
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
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], ARGV[6],
  't', ARGV[7], 'k', ARGV[8], 'f', ARGV[9], 'l', ARGV[10], 'v', ARGV[11], 'j', ARGV[12])
return {'OK', seq}
