"""Mails are understood in a process of their own, and what becomes of it costs one mail at most (ITIP.md, bounds)."""

import math
import multiprocessing
import resource
import time
from collections.abc import AsyncIterator

import pytest

from invito.services.inbox import understanding_pool
from invito.services.inbox.understanding_pool import UnderstandingPool
from invito.services.itip.reasons import Reason, why
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind, UnderstoodMail

BURNING = b"Subject: Burning\r\n\r\n"
LONG = b"Subject: Long\r\n\r\n"
MAIL = b"From: per@kunde.example\r\nSubject: Hei\r\n\r\nHei"


@pytest.fixture
async def pool() -> AsyncIterator[UnderstandingPool]:
    opened = UnderstandingPool()
    yield opened
    opened.close()


async def test_a_mail_says_there_what_it_says_here(pool: UnderstandingPool) -> None:
    assert await pool.understand(MAIL) == understand(MAIL)


async def test_a_process_that_was_prepared_reads_the_first_mail(pool: UnderstandingPool) -> None:
    await pool.prepare()
    prepared = multiprocessing.active_children()

    await pool.understand(MAIL)

    assert len(prepared) == 1
    assert multiprocessing.active_children() == prepared


async def test_the_process_has_bounds_of_memory_and_of_time(pool: UnderstandingPool) -> None:
    await pool.understand(MAIL)
    (process,) = multiprocessing.active_children()
    assert process.pid is not None

    memory, _ = resource.prlimit(process.pid, resource.RLIMIT_AS)
    first, _ = resource.prlimit(process.pid, resource.RLIMIT_CPU)
    await pool.understand(MAIL)

    assert memory == 512 * 1024 * 1024
    assert 0 < first < 60


def burns_cpu_time(raw: bytes) -> UnderstoodMail:
    """A double of `understand`: no mail is known that takes long, else it would be mended."""
    seconds = {BURNING: math.inf, LONG: 0.5}.get(raw, 0)
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        pass
    return understand(raw)


def have_it_burn() -> None:
    """Done in the process that understands: what it calls there is the double from then on."""
    understanding_pool.understand = burns_cpu_time  # type: ignore[attr-defined]  # not handed on by the module


async def test_a_mail_that_burns_cpu_time_is_ended_and_the_next_one_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(understanding_pool, "_be_ready", have_it_burn)
    pool = UnderstandingPool(cpu_seconds=1)
    await pool.prepare()

    # Together more than one of them may take.
    before = [await pool.understand(LONG) for _ in range(3)]
    burning = await pool.understand(BURNING)
    after = await pool.understand(MAIL)
    pool.close()

    assert (burning.kind, burning.why) == (MailKind.QUARANTINED, why(Reason.UNREADABLE_MAIL))
    assert before == [understand(LONG)] * 3
    assert after == understand(MAIL)


async def test_a_process_that_died_costs_one_mail_and_the_next_has_another(pool: UnderstandingPool) -> None:
    await pool.understand(MAIL)
    for process in multiprocessing.active_children():
        process.kill()
        process.join()

    died = await pool.understand(MAIL)
    after = await pool.understand(MAIL)

    assert died.kind is MailKind.QUARANTINED
    assert after == understand(MAIL)
