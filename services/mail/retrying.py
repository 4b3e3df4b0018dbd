"""When a mail that could not be handed over is tried again."""

from datetime import timedelta
from random import random

_FIRST = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
_MOST_DOUBLINGS = 10
_SPREAD = 0.5


def pause_after(attempts: int) -> timedelta:
    """A minute after the first attempt, then twice as long each time up to an hour, give or take a quarter.

    What was refused together does not come back together, to a server that is busy as it is.
    """
    doubled: timedelta = min(_FIRST * 2 ** min(attempts - 1, _MOST_DOUBLINGS), _LONGEST)
    return doubled * (1 - _SPREAD / 2 + _SPREAD * random())  # noqa: S311  # nobody gains by guessing it
