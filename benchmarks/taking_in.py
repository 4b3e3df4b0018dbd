"""Answers taken in by workers, a second, beside reading the same mails with `email` and `icalendar` alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from email import message_from_bytes, policy

from icalendar import Calendar
from sqlalchemy import func, select

from benchmarks.data import load
from benchmarks.inbox_rows import Inbox, answer_to, inbox_tables
from benchmarks.sending import Empty, Rate
from benchmarks.workers import working
from invito.services.storage.database import Database
from invito.services.storage.mail_tables import InboxRow

_EARLIER = (1_000, 100_000)
_WAITING = 600
_QUICK_EARLIER = (10, 1_000)
_QUICK_WAITING = 20
_LOOK_SECONDS = 0.02


async def taking_in(empty: Empty, *, quick: bool) -> AsyncIterator[Rate]:
    """With one worker and two, after few mails and after many; `empty` gives the URL of an empty database."""
    waiting = _QUICK_WAITING if quick else _WAITING
    for earlier in _QUICK_EARLIER if quick else _EARLIER:
        for workers in (1, 2):
            theirs = _read_alone(waiting)
            async with empty() as url:
                await load(url, inbox_tables(Inbox(earlier, waiting), is_sqlite=url.startswith("sqlite")))
                with working(url, workers):
                    ours = await _rate(url, waiting)
            named = "1 worker" if workers == 1 else f"{workers} workers"
            yield Rate(f"{named}, {earlier:,} mails taken in before", ours, theirs)


async def _rate(url: str, waiting: int) -> float:
    """Mails a second from the first that is taken in, when the workers have started, to the last."""
    database = Database(url)
    query = select(func.count()).select_from(InboxRow).where(InboxRow.outcome.is_(None))
    left, began, at_first = waiting, 0.0, 0
    while left:
        await asyncio.sleep(_LOOK_SECONDS)
        async with database.read() as connection:
            left = (await connection.execute(query)).scalar_one()
        if left < waiting and not began:
            began, at_first = time.perf_counter(), left
    took = time.perf_counter() - began
    await database.close()
    return at_first / took if at_first else waiting / _LOOK_SECONDS


def _read_alone(count: int) -> float:
    """Mails a second that one process reads and does nothing with."""
    mails = [answer_to(number, number % 10) for number in range(count)]
    began = time.perf_counter()
    for raw in mails:
        for part in message_from_bytes(raw, policy=policy.default).walk():
            if part.get_content_type() == "text/calendar":
                Calendar.from_ical(part.get_content())
    return count / (time.perf_counter() - began)
