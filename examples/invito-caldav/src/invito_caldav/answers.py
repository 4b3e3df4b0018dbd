"""The answer for all who are asked about: calendars are asked at once, and one that is away costs its own answer."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from invito_dav import DavFailure, ServerAway

from invito.plugins import Span
from invito_caldav.calendars import CalendarServer
from invito_caldav.settings import CalDavSettings
from invito_caldav.whose import CalendarMap, OwnCalendar

# What a calendar answers: None where there is none, why where it could not be asked.
_Answer = list[Span] | DavFailure | None


class BusyTimes:
    """Those of whose calendars are known; no more than so many of these are asked at once, whoever asks."""

    def __init__(self, whose: CalendarMap, server: CalendarServer, settings: CalDavSettings, logger: Any) -> None:
        self._whose, self._server, self._logger = whose, server, logger
        self._seconds = settings.call_seconds
        self._turns = asyncio.Semaphore(settings.at_once)

    async def of(self, references: Sequence[str], span: Span) -> dict[str, list[Span] | None]:
        """None for those whose calendar could not be asked in time; whoever has none is left out.

        :raises ServerAway: not one of their calendars could be reached, so that Invito says so, and asks less often.
        """
        deadline = asyncio.get_running_loop().time() + self._seconds
        whose = await self._whose.of(references)
        calendars = list(dict.fromkeys(whose.values()))
        results = await asyncio.gather(*(self._asked(one, span, deadline) for one in calendars))
        answers = dict(zip(calendars, results, strict=True))
        self._tell(results)
        found = {reference: answers[calendar] for reference, calendar in whose.items()}
        return {
            reference: None if isinstance(answer, DavFailure) else answer
            for reference, answer in found.items()
            if answer is not None
        }

    async def _asked(self, calendar: OwnCalendar, span: Span, deadline: float) -> _Answer:
        try:
            async with asyncio.timeout_at(deadline), self._turns:
                return await self._server.busy(calendar, span)
        except TimeoutError:
            return ServerAway("did not answer in time")
        except DavFailure as problem:
            return problem

    def _tell(self, answers: Sequence[_Answer]) -> None:
        away = [answer for answer in answers if isinstance(answer, ServerAway)]
        if away and len(away) == len(answers):
            raise away[0]
        reasons = Counter(str(answer) for answer in answers if isinstance(answer, DavFailure))
        if reasons:
            self._logger.warning("calendars could not be asked", reasons=dict(reasons))
