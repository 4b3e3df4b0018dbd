"""What a source costs that hangs: each call is given up in time, and after a few in a row nothing more is asked."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from invito.plugins import EntryPage, EntryQuery, SourceContext
from invito.plugins.testing import Finding, Trial, Verdict, findings
from invito.plugins.testing.checks import CHECKS
from invito.plugins.testing.report import MOST_GIVEN_UP
from tests.plugins.testing.good_source import GoodSource, facts_of

RELEASED = threading.Event()


class AsyncHanging(GoodSource):
    """Awaits what never comes."""

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:  # type: ignore[override]  # the contract lets both
        await asyncio.Event().wait()
        raise AssertionError


class PlainHanging(GoodSource):
    """Holds its thread."""

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        RELEASED.wait()
        return super().participants(context, query)


class TimingOut(GoodSource):
    """Whose own server is too slow."""

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:  # type: ignore[override]  # the contract lets both
        raise TimeoutError("the hotel's server")


@pytest.fixture(autouse=True)
def _release() -> Iterator[None]:
    RELEASED.clear()
    yield
    RELEASED.set()


async def all_findings(source: GoodSource, call_seconds: float) -> list[Finding]:
    trial = Trial(source, replace(facts_of(source), call_seconds=call_seconds))
    found = [one async for one in findings(trial)]
    trial.close()
    return found


@pytest.mark.parametrize("kind", [AsyncHanging, PlainHanging])
def test_a_call_that_hangs_is_given_up_and_told_and_after_three_in_a_row_no_more_checks_are_made(kind: Any) -> None:
    found = asyncio.run(all_findings(kind(), 0.2))

    given_up = [one for one in found if one.was_given_up]
    assert len(found) < len(CHECKS)
    assert found[-MOST_GIVEN_UP:] == given_up
    assert {one.verdict for one in given_up} == {Verdict.BROKEN}
    assert {one.reason.partition(", as")[0] for one in given_up} == {
        "`participants` was given up after 0.2 seconds without an answer"
    }
    assert "context.deadline" in given_up[0].reason


def test_a_sources_own_timeout_is_what_it_raised() -> None:
    found = asyncio.run(all_findings(TimingOut(), 60))

    assert len(found) == len(CHECKS)
    assert "The source raised TimeoutError: the hotel's server" in {one.reason for one in found}


def test_the_source_is_told_the_same_deadline() -> None:
    trial = Trial(GoodSource(), replace(facts_of(GoodSource()), call_seconds=1_000))

    assert trial.context().deadline > Trial(GoodSource()).context().deadline + 900
