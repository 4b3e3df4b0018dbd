"""An SMTP server that throws mail away: says its port, then after each so many mails (the argument) how long they took.

From when the first one was taken until the last one was, in seconds.
"""

import asyncio
import sys
import time

from aiosmtpd.smtp import SMTP, Envelope, Session


class Counting:
    """Counts mails up to a number, again and again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._began = 0.0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's
        self._began = self._began if self._taken else time.perf_counter()
        self._taken += 1
        if self._taken == self._most:
            print(time.perf_counter() - self._began, flush=True)
            self._taken = 0
        return "250 taken"


async def main() -> None:
    loop, counting = asyncio.get_running_loop(), Counting(int(sys.argv[1]))
    server = await loop.create_server(lambda: SMTP(counting, loop=loop, hostname="sink.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
