"""/plugins/ldap/health: whether people are as the directory has them, for monitoring."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from invito_ldap.kept_people import KeptPeople


class Health:
    """200 where the last reading went well and the next is not overdue, 503 else. Those of before are listed anyway."""

    def __init__(self, people: KeptPeople) -> None:
        self._people = people

    async def answer(self, _: Request) -> Response:
        snapshot, problem = self._people.snapshot, self._people.problem
        is_current = self._people.is_current(datetime.now(UTC))
        answer = {
            "status": "current" if is_current else "old" if snapshot else "unread",
            "readAt": None if snapshot is None else snapshot.read_at.isoformat(timespec="seconds"),
            "problem": None if problem is None else type(problem).__name__,
        }
        return JSONResponse(answer, 200 if is_current else 503)
