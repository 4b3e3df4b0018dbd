"""The thread that reads the database anew, every so many seconds."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from invito_sql.database import said_of
from invito_sql.snapshot import Snapshot, TooManyRows
from invito_sql.source_file import WrongSourceFile
from invito_sql.sql_source import SqlSource

# What failed is tried again sooner than what was read.
_RETRY_SECONDS = 5.0


class Reader:
    """Reads all sources, one after the other. One that fails keeps what was read of it last."""

    def __init__(self, sources: Sequence[SqlSource], refresh_seconds: float, logger: Any) -> None:
        self._sources, self._refresh_seconds, self._logger = sources, refresh_seconds, logger
        self._ends = threading.Event()
        # How the last attempt went of each source, so that a change is told and not each attempt.
        self._problems: dict[str, str | None] = {}
        self._thread = threading.Thread(target=self._run, name="invito_sql_reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience_seconds: float = 1.0) -> None:
        """Read no more. A statement that is under way is waited for that long, and left to itself then."""
        self._ends.set()
        self._thread.join(patience_seconds)

    def read_all(self) -> bool:
        """Whether all could be read."""
        failed = [source for source in self._sources if not self._read(source)]
        return not failed

    def _run(self) -> None:
        while not self._ends.is_set():
            all_is_read = self.read_all()
            self._ends.wait(self._refresh_seconds if all_is_read else min(_RETRY_SECONDS, self._refresh_seconds))

    def _read(self, source: SqlSource) -> bool:
        begun = time.monotonic()
        try:
            snapshot = source.read()
        except (WrongSourceFile, TooManyRows) as problem:
            self._tell(source, str(problem))
        except SQLAlchemyError as problem:
            self._tell(source, said_of(problem))
            self._logger.debug("could not read", source=source.key, exc_info=problem)
        except Exception as problem:  # a driver may raise anything, and the thread must go on
            self._tell(source, type(problem).__name__)
            self._logger.debug("could not read", source=source.key, exc_info=problem)
        else:
            if self._problems.get(source.key, "") is not None:
                self._logger.info("read", source=source.key, **_counts(snapshot, time.monotonic() - begun))
            self._problems[source.key] = None
            return True
        return False

    def _tell(self, source: SqlSource, problem: str) -> None:
        if self._problems.get(source.key) != problem:
            self._logger.warning("could not read", source=source.key, problem=problem)
        self._problems[source.key] = problem


def _counts(snapshot: Snapshot, seconds: float) -> dict[str, float]:
    return {
        "seconds": round(seconds, 1),
        "entries": len(snapshot.entries.items),
        "containers": len(snapshot.containers.items),
        "left_out": snapshot.left_out,
        "wrong_zones": snapshot.wrong_zones,
    }
