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
    driver = problem.orig
    cause = None if driver is None else driver.__cause__ or driver
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
    driver = problem.orig if isinstance(problem, DBAPIError) else None
    state = None if driver is None else getattr(driver.__cause__ or driver, "sqlstate", None)
    return str(state or "").startswith(_OF_THE_MOMENT)


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
