"""The kit itself: a source that breaks one promise fails that check, and no other that could be kept."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest

from invito.plugins.testing import Finding, Trial, Verdict, findings
from invito.plugins.testing import checks as all_checks
from invito.plugins.testing.checks import CHECKS
from tests.plugins.testing.broken_sources import BREAKS, Break
from tests.plugins.testing.broken_ways import LEFT, RELEASED
from tests.plugins.testing.good_source import GoodSource, facts_of


@pytest.fixture(autouse=True)
def _leave_nothing() -> Iterator[None]:
    RELEASED.clear()
    yield
    RELEASED.set()
    LEFT.clear()


async def all_findings(trial: Trial) -> list[Finding]:
    found = [one async for one in findings(trial)]
    trial.close()
    return found


def test_every_check_is_broken_by_some_source() -> None:
    assert {one.check for one in BREAKS} == {check.__name__ for check in CHECKS}


def test_every_check_that_is_written_is_made() -> None:
    written = {
        name
        for module in vars(all_checks).values()
        if inspect.ismodule(module)
        for name, value in vars(module).items()
        if inspect.iscoroutinefunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }

    assert written == {check.__name__ for check in CHECKS}


def test_a_source_that_keeps_every_promise_breaks_none_and_all_are_checked() -> None:
    source = GoodSource()

    found = asyncio.run(all_findings(Trial(source, facts_of(source))))

    assert [(one.name, one.reason) for one in found if one.verdict is not Verdict.KEPT] == []


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: f"{one.check}: {one.way}")
def test_a_source_that_breaks_a_promise_fails_its_check_and_no_other(broken: Break) -> None:
    source = broken.source()

    found = asyncio.run(all_findings(Trial(source, broken.facts_of(source))))

    failed = {one.name for one in found if one.verdict is Verdict.BROKEN}
    assert broken.check in failed
    assert failed - {broken.check} <= broken.also, [one for one in found if one.verdict is Verdict.BROKEN]
