"""A proxy before a server that drops, holds up and counts connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Hands on what either side says."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._gates: list[asyncio.Event] = []
        self.port = 0
        self.connections = 0
        # What the client said, of all connections.
        self.said = bytearray()

    def drop(self) -> None:
        """End all connections at once, by a reset."""
        for pair in self._pairs:
            for writer in pair:
                writer.transport.abort()
        self._pairs.clear()

    def go_silent(self) -> None:
        """Hand nothing on any more in the connections that there are, and leave them open; later ones are free."""
        for gate in self._gates:
            gate.clear()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.drop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        self._pairs.append((writer, behind_writer))
        gate = asyncio.Event()
        gate.set()
        self._gates.append(gate)
        await asyncio.gather(
            self._hand_on(reader, behind_writer, gate, is_client=True),
            self._hand_on(behind_reader, writer, gate, is_client=False),
        )

    async def _hand_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event, *, is_client: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await gate.wait()
                if is_client:
                    self.said += data
                writer.write(data)
                await writer.drain()
            writer.close()
