"""IMAP sessions from asyncio: each in a thread of its own, which ends with whoever asked for it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from invito.services.mailboxes.imap_sessions import ImapSession, open_session
from invito.services.mailboxes.reachable_hosts import connect
from invito.services.mailboxes.servers import MailServer

T = TypeVar("T")


class ImapThread:
    """A session and its thread, to which steps are handed one after the other."""

    def __init__(self, session: ImapSession, thread: ThreadPoolExecutor) -> None:
        self._session = session
        self._thread = thread

    async def do(self, step: Callable[[ImapSession], T]) -> T:
        """What a step answers, or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, step, self._session)


@asynccontextmanager
async def imap_thread(server: MailServer, *, may_be_private: bool, seconds: float) -> AsyncIterator[ImapThread]:
    """A session that is logged in, closed at the end; what still waits for the server then is interrupted.

    :raises MailServerFailure: it cannot be had; `seconds` is the patience of each answer.
    """
    connection = await connect(server.host, server.port, may_be_private=may_be_private, seconds=seconds)
    # A duplicate ends the connection, whatever the thread has wrapped it into meanwhile.
    hold = connection.dup()
    thread = ThreadPoolExecutor(1, thread_name_prefix=f"imap {server.host}")
    opening = thread.submit(open_session, server, connection, seconds)
    try:
        box = ImapThread(await asyncio.wrap_future(opening), thread)
        yield box
        await box.do(ImapSession.log_out)
    finally:
        with suppress(OSError):
            hold.shutdown(socket.SHUT_RDWR)
        thread.submit(_close, opening, connection, hold)
        thread.shutdown(wait=False)


def _close(opening: Future[ImapSession], *connections: socket.socket) -> None:
    if opening.done() and not opening.cancelled() and opening.exception() is None:
        opening.result().close()
    for connection in connections:
        connection.close()
