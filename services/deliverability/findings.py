"""What was found, in sentences that an administrator can act on."""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """GOOD is as it should be, DOUBTFUL works but deserves a look, WRONG has to be mended."""

    GOOD = "GOOD"
    DOUBTFUL = "DOUBTFUL"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what is so, and what to do about it where it is not good."""

    outcome: Outcome
    sentence: str
    to_do: str | None = None


def good(sentence: str) -> Finding:
    return Finding(Outcome.GOOD, sentence)


def doubtful(sentence: str, to_do: str) -> Finding:
    return Finding(Outcome.DOUBTFUL, sentence, to_do)


def wrong(sentence: str, to_do: str) -> Finding:
    return Finding(Outcome.WRONG, sentence, to_do)
