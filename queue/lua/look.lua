-- Reads, without taking anything: is the lane still ours, and how far is the stream?
-- KEYS: stream, fence.  Returns generation, owner, last generated id.
local fence = redis.call('HMGET', KEYS[2], 'gen', 'owner')
local top = '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then top = info[i + 1] break end
  end
end
return {fence[1] or '', fence[2] or '', top}
