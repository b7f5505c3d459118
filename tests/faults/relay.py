"""tests/faults/relay.py - one address for the daemon, whichever server stands behind it.

It can switch to another server (a failover), cut every connection, and answer each command with
an error of our choice, as a server does that is loading its data.
"""
import asyncio
import threading


class Relay:
    def __init__(self, target):
        self.target = target  # path of a unix socket
        self.error = None  # b"LOADING ...": answered to every command
        self.writers = set()
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), daemon=True).start()
        started.wait()

    def _run(self, started):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    async def _pipe(self, reader, writer, client=None):
        try:
            while data := await reader.read(65536):
                if client is not None and self.error:
                    # Good enough to count commands: every one begins with "*N\r\n$".
                    for _ in range(max(1, data.count(b"\r\n$") and data.count(b"*"))):
                        client.write(b"-" + self.error + b"\r\n")
                    await client.drain()
                    break  # what was half read must not reach the server
                writer.write(data)
                await writer.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader, writer):
        try:
            back_reader, back_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.close()
            return
        both = {writer, back_writer}
        self.writers |= both
        await asyncio.gather(self._pipe(reader, back_writer, writer),
                             self._pipe(back_reader, writer))
        writer.close()
        self.writers -= both

    def _cut(self):
        for writer in list(self.writers):
            writer.transport.abort()

    def cut(self):
        self.loop.call_soon_threadsafe(self._cut)

    def switch(self, target):
        self.target = target
        self.cut()
