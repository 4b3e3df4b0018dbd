"""/plugins/ldap/health: whether people are as the directory has them, for monitoring."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from invito_ldap.kept_people import KeptPeople


class Health:
    """200 where the last reading went well, 503 where it did not; people of before are listed all the same."""

    def __init__(self, people: KeptPeople) -> None:
        self._people = people

    async def answer(self, _: Request) -> Response:
        snapshot, problem = self._people.snapshot, self._people.problem
        answer = {
            "status": "current" if snapshot and not problem else "old" if snapshot else "unread",
            "readAt": None if snapshot is None else snapshot.read_at.isoformat(timespec="seconds"),
            "problem": None if problem is None else type(problem).__name__,
        }
        return JSONResponse(answer, 200 if answer["status"] == "current" else 503)
