# SPDX-License-Identifier: LGPL-2.1-or-later
"""A line to a server on this machine that can be cut: while it is, connections are
closed as soon as they are made, as by a network that is down."""
import asyncio
import threading


class Line:
    def __init__(self, port):
        self.target = port
        self.up = True
        self.writers = set()
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.started.wait(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, '127.0.0.1', 0))
        self.port = server.sockets[0].getsockname()[1]
        self.started.set()
        self.loop.run_forever()
        server.close()

    async def _copy(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def _serve(self, reader, writer):
        if not self.up:
            writer.transport.abort()
            return
        try:
            to_reader, to_writer = await asyncio.open_connection('127.0.0.1', self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, to_writer}
        self.writers |= pair
        await asyncio.gather(self._copy(reader, to_writer), self._copy(to_reader, writer))
        self.writers -= pair

    def _cut(self):
        for writer in self.writers:
            writer.transport.abort()

    def set(self, up):
        self.up = up
        if not up:
            self.loop.call_soon_threadsafe(self._cut)

    def close(self):
        self.set(False)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
