"""How long to wait before a message is posted again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import random

LONGEST_PAUSE = timedelta(hours=6)
# What an endpoint may ask for by Retry-After.
LONGEST_WISH = timedelta(days=1)
_MOST_DOUBLINGS = 30
_SPREAD = 0.5


def pause_after(attempts: int, first: timedelta) -> timedelta:
    """After the first attempt `first`, then twice as long each time up to six hours, give or take a quarter."""
    doubled: timedelta = min(first * 2 ** min(attempts - 1, _MOST_DOUBLINGS), LONGEST_PAUSE)
    return doubled * (1 - _SPREAD / 2 + _SPREAD * random())  # noqa: S311  # nobody gains by guessing it


def wished_pause(retry_after: str | None, now: datetime) -> timedelta | None:
    """What a header Retry-After asks for: seconds, or a date. None where it says nothing that can be understood."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        # No number of so many digits is meant, and timedelta has its limits.
        return min(timedelta(seconds=int(text[:9])), LONGEST_WISH)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(timedelta(), min(until - now, LONGEST_WISH))
