-- Takes the lane: bumps the epoch, stores who owns it now, says how far the stream is.
-- KEYS: stream, fence.  ARGV: generation, nonce of this process, its last epoch (0: none), the
-- time in ms.
-- Returns OK or FENCED, epoch, last generated id, generation stored before; with OK the body of the
-- entry that has this id, or ''.
local fence = redis.call('HMGET', KEYS[2], 'gen', 'epoch', 'owner')
local top = '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then top = info[i + 1] break end
  end
end
local epoch, mine = tonumber(fence[2] or '0'), tonumber(ARGV[3])
-- An owner with a lower epoch is not newer than us: the server lost our last hello.  One with
-- our own nonce is ourselves: the answer to that hello was lost.
if mine > 0 and fence[3] and string.match(fence[3], ':(.*)$') ~= ARGV[2] and epoch >= mine then
  return {'FENCED', epoch, top, fence[1] or ''}
end
-- The time keeps epochs growing where the fence was deleted, so that one that comes back (a
-- restored server) is known to be old.
epoch = math.max(epoch, mine, tonumber(ARGV[4])) + 1
redis.call('HSET', KEYS[2], 'gen', ARGV[1], 'epoch', epoch, 'owner', epoch .. ':' .. ARGV[2])
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local body = last and last[1] == top and last[2][#last[2]] or ''
return {'OK', epoch, top, fence[1] or '', body}
