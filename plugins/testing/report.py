"""All checks made of one source, without pytest: what `invito plugins check` prints."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

from invito.plugins.testing.checks import CHECKS, Check
from invito.plugins.testing.facts import Broken, GivenUp, NotChecked
from invito.plugins.testing.trial import Trial

# Of a source that hangs each further check takes as long, and says the same.
MOST_GIVEN_UP = 3


class Verdict(Enum):
    """What came of one check."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    NOT_CHECKED = "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's name and promise, whether it is kept, and why not.

    `was_given_up`: a call was not answered in time.
    """

    name: str
    promise: str
    verdict: Verdict
    reason: str = ""
    was_given_up: bool = False


async def findings(trial: Trial) -> AsyncIterator[Finding]:
    """What comes of each check, one after the other; none are made after `MOST_GIVEN_UP` in a row were given up."""
    given_up = 0
    for check in CHECKS:
        finding = await _finding(check, trial)
        yield finding
        if finding.was_given_up:
            given_up += 1
        elif finding.verdict is not Verdict.NOT_CHECKED:
            given_up = 0
        if given_up == MOST_GIVEN_UP:
            return


def promise_of(check: Check) -> str:
    """The check's promise as a sentence."""
    return (check.__doc__ or check.__name__.replace("_", " ")).partition("\n")[0]


async def _finding(check: Check, trial: Trial) -> Finding:
    name, promise = check.__name__, promise_of(check)
    try:
        await check(trial)
    except NotChecked as reason:
        return Finding(name, promise, Verdict.NOT_CHECKED, str(reason))
    except Broken as problem:
        return Finding(name, promise, Verdict.BROKEN, str(problem), isinstance(problem, GivenUp))
    except Exception as problem:  # a source may raise anything
        return Finding(name, promise, Verdict.BROKEN, f"The source raised {type(problem).__name__}: {problem}")
    return Finding(name, promise, Verdict.KEPT)
