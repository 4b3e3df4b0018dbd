"""Waiting until a token expires."""

import asyncio
from datetime import UTC, datetime

_LOOK_AT_THE_CLOCK_SECONDS = 60


async def wait_until(instant: datetime) -> None:
    """Until this instant in UTC has passed. The clock may be set meanwhile, so it is looked at now and then."""
    while (left := (instant - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110  # clocks have no event
        await asyncio.sleep(min(left, _LOOK_AT_THE_CLOCK_SECONDS))
