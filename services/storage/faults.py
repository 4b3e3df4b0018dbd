"""What a database says when it is away or full: faults of the moment, which are nobody's mistake."""

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import translate

# PostgreSQL's SQLSTATEs: classes 08 (connection) and 57P (shutting down, starting), 53300 (too many connections), 55000
# (takes no connections); and 53100 (disk full).
_AWAY = ("08", "57P", "53300", "55000")
_FULL = "53100"
# Its classes of errors for a transaction that met another, for want of something, and of the system.
_OF_THE_MOMENT = ("40", "53", "55", "57", "58")


class DatabaseFault(Enum):
    """AWAY: it does not answer, and will again. FULL: reading works, and writing goes on when there is room."""

    AWAY = "AWAY"
    FULL = "FULL"


_SQLITE = {sqlite3.SQLITE_FULL: DatabaseFault.FULL, sqlite3.SQLITE_BUSY: DatabaseFault.AWAY}


def database_fault(problem: BaseException) -> DatabaseFault | None:
    """Which fault of the database the exception tells of; None where it tells of something else."""
    if isinstance(problem, ConnectionError | PoolTimeout):
        return DatabaseFault.AWAY
    if not isinstance(problem, DBAPIError):
        return None
    cause = _of_the_driver(problem)
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK))
    state = str(getattr(cause, "sqlstate", None) or "")
    if state == _FULL:
        return DatabaseFault.FULL
    return DatabaseFault.AWAY if problem.connection_invalidated or state.startswith(_AWAY) else None


def is_of_the_machine(problem: Exception) -> bool:
    """Whether the machine failed: anything else would have met with the same, and this does not later."""
    if isinstance(problem, OSError | MemoryError | OperationalError) or database_fault(problem) is not None:
        return True
    return str(getattr(_of_the_driver(problem), "sqlstate", None) or "").startswith(_OF_THE_MOMENT)


def loggable_cause(problem: BaseException) -> dict[str, str]:
    """What a log may have of what the database said: the driver's class, and PostgreSQL's SQLSTATE or SQLite's name of
    the error. Not its message, which may hold values. Nothing where it is no database's exception."""
    cause = _of_the_driver(problem)
    if cause is None:
        return {}
    names = {"sqlstate": getattr(cause, "sqlstate", None), "sqlite": getattr(cause, "sqlite_errorname", None)}
    return {"cause": type(cause).__name__} | {name: str(told) for name, told in names.items() if told}


def answer_to_fault(problem: BaseException) -> Unanswerable | None:
    """What whoever asked is told, in their language; None where it is no fault of the database."""
    fault = database_fault(problem)
    if fault is None:
        return None
    if fault is DatabaseFault.FULL:
        message = translate("There is no room left to store anything: nothing was changed. Tell the administrator.")
    else:
        message = translate("The database does not answer at the moment. Try again soon.")
    return Unanswerable(UnanswerableCode.INTERNAL, message)


def _of_the_driver(problem: BaseException) -> BaseException | None:
    """What the driver itself raised, which SQLAlchemy's exception has within; None where it is none of a driver."""
    driver = problem.orig if isinstance(problem, DBAPIError) else None
    return None if driver is None else driver.__cause__ or driver
