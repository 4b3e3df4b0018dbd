"""Mails are understood in a process of their own, and what becomes of it costs one mail at most (ITIP.md, bounds)."""

import multiprocessing
import resource
from collections.abc import AsyncIterator

import pytest

from invito.services.inbox.understanding_pool import UnderstandingPool
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind

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


async def test_a_process_that_died_costs_one_mail_and_the_next_has_another(pool: UnderstandingPool) -> None:
    await pool.understand(MAIL)
    for process in multiprocessing.active_children():
        process.kill()
        process.join()

    died = await pool.understand(MAIL)
    after = await pool.understand(MAIL)

    assert died.kind is MailKind.QUARANTINED
    assert after == understand(MAIL)
