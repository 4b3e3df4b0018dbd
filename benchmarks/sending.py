"""Invitations built and handed to a local SMTP server, a second, beside the same bytes by aiosmtplib alone."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass

from aiosmtplib import SMTP

from benchmarks.data import load
from benchmarks.outbox_rows import Outbox, outbox_tables
from benchmarks.workers import working

_EARLIER = (1_000, 100_000)
_READY = 2_000
_QUICK_EARLIER = (10, 1_000)
_QUICK_READY = 20
_CONNECTIONS = 4
# As large as an invitation to ten with answer links.
_MAIL_BYTES = 11_000

Empty = Callable[[], AbstractAsyncContextManager[str]]


@dataclass(frozen=True, slots=True)
class Rate:
    """Mails a second: ours, and those of the library alone."""

    label: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


class Sink:
    """The process that takes the mails."""

    def __init__(self, process: "subprocess.Popen[str]", mails: int) -> None:
        self._process = process
        self._mails = mails
        self.port = int(self._line())

    def rate(self) -> float:
        """Mails a second, once all are there."""
        return (self._mails - 1) / float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


async def sending(empty: Empty, *, quick: bool) -> AsyncIterator[Rate]:
    """With one worker and two, after few mails and after many; `empty` gives the URL of an empty database."""
    ready = _QUICK_READY if quick else _READY
    for earlier in _QUICK_EARLIER if quick else _EARLIER:
        for workers in (1, 2):
            async with empty() as url:
                await load(url, outbox_tables(Outbox(earlier, ready), is_sqlite=url.startswith("sqlite")))
                with _sink(ready) as sink:
                    await _bare(sink.port, ready)
                    theirs = await asyncio.to_thread(sink.rate)
                    with working(url, workers, **_settings(sink.port)):
                        ours = await asyncio.to_thread(sink.rate)
            named = "1 worker" if workers == 1 else f"{workers} workers"
            yield Rate(f"{named}, {earlier:,} mails sent before", ours, theirs)


@contextmanager
def _sink(mails: int) -> Iterator[Sink]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", str(mails)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Sink(process, mails)
        finally:
            process.terminate()


def _settings(port: int) -> dict[str, str]:
    return {
        "smtp_url": f"smtp+plain://127.0.0.1:{port}",
        "public_url": "https://invito.office.example",
        # What waits was put there long ago.
        "mail_greatest_age_hours": "1000000",
    }


async def _bare(port: int, mails: int) -> None:
    """The same number of mails of much the same size, over as many connections as a worker has."""
    raw = b"Subject: x\r\n\r\n" + (b"0123456789abcdef" * 4 + b"\r\n") * (_MAIL_BYTES // 66)
    left = iter(range(mails))

    async def send() -> None:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as session:
            for _ in left:
                await session.sendmail("invito@office.example", ["employee@office.example"], raw)

    await asyncio.gather(*(send() for _ in range(_CONNECTIONS)))
