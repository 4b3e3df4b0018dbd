"""All checks made of one source, without pytest: what `invito plugins check` prints."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

from invito.plugins.testing.checks import CHECKS, Check
from invito.plugins.testing.facts import Broken, NotChecked
from invito.plugins.testing.trial import Trial


class Verdict(Enum):
    """What came of one check."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    NOT_CHECKED = "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's name and promise, whether it is kept, and why not."""

    name: str
    promise: str
    verdict: Verdict
    reason: str = ""


async def findings(trial: Trial) -> AsyncIterator[Finding]:
    """What comes of each check, one after the other."""
    for check in CHECKS:
        yield await _finding(check, trial)


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
        return Finding(name, promise, Verdict.BROKEN, str(problem))
    except Exception as problem:  # a source may raise anything
        return Finding(name, promise, Verdict.BROKEN, f"The source raised {type(problem).__name__}: {problem}")
    return Finding(name, promise, Verdict.KEPT)
