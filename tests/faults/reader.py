"""tests/faults/reader.py - a live reader, as docs/consuming.md tells others to be one.

XREAD from the last id seen, over every reconnect; what it sees is compared with the streams at
the end.
"""
import collections
import json
import threading
import time

import redis

STREAMS = ("wiredesk:items", "wiredesk:copies")


def guid_of(fields):
    return json.loads(fields["j"])["data"].get("origin", {}).get("rawId")


class Reader:
    def __init__(self, store, seen):
        self.store, self.seen = store, seen  # `seen`: guids, for the wire's windows
        self.ids = {name: collections.Counter() for name in STREAMS}
        self.guids = collections.Counter()
        self.gaps = 0
        self.last = dict.fromkeys(STREAMS, "0-0")
        self.running = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _take(self, stream, entries):
        for entry_id, fields in entries:
            self.last[stream] = entry_id
            self.ids[stream][entry_id] += 1
            guid = guid_of(fields)
            if guid is None:
                self.gaps += 1
                continue
            self.guids[guid] += 1
            self.seen.add(guid)

    def _run(self):
        client = None
        done = False
        while not done:
            last_time = not self.running
            try:
                client = client or self.store.client()
                answer = client.xread(self.last, count=500, block=100)
                done = last_time and not answer
                for stream, entries in answer:
                    self._take(stream, entries)
            except (redis.RedisError, OSError, TimeoutError):
                client = None
                time.sleep(0.05)

    def stop(self):
        """It reads on to the end of what is there now."""
        self.running = False
        self.thread.join(30)
