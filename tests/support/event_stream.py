"""tests/support/event_stream.py - a reader of the status page's /events, without a browser."""
import http.client
import json
import socket
import threading


class Stream(threading.Thread):
    """A reader of /events; what it heard stands in `items`, `states`, `lost`, `hello`."""

    def __init__(self, port, last_id=None):
        super().__init__(daemon=True)
        self.items, self.states, self.lost, self.ids, self.hello = [], [], 0, [], None
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.request("GET", "/events", headers={"Last-Event-ID": last_id}
                                if last_id else {})
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.getheader("Content-Type") == "text/event-stream"
        self.start()

    def run(self):
        frame = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    frame[name] = value
                else:
                    self.heard(frame)
                    frame = {}
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # closed under our hands

    def heard(self, frame):
        data = json.loads(frame["data"])
        if frame["event"] == "item":
            self.items.append(data)
            self.ids.append(frame["id"])
        elif frame["event"] == "state":
            self.states.append(data)
        elif frame["event"] == "lost":
            self.lost += data["lost"]
        elif frame["event"] == "hello":
            self.hello = data

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # ends the read that the thread is in
        self.join(timeout=10)
        self.connection.close()
