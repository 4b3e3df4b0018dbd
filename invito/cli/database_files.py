"""The file of an SQLite database."""

import errno
import os
from pathlib import Path

from sqlalchemy.engine import make_url


def is_missing_file(database_url: str) -> bool:
    """Whether it is a file that is not there yet."""
    path = _path(database_url)
    return path is not None and not path.exists()


def make_folder(database_url: str) -> None:
    """Make the folder that the file goes into, where it is a file."""
    path = _path(database_url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)


def check_access(database_url: str) -> None:
    """That the file, where it is one, can be read and written, or made.

    Looked at beforehand: a thread of the driver outlives a connection that fails, and dies with a stack trace.

    :raises OSError: it cannot.
    """
    path = _path(database_url)
    if path is None:
        return
    if path.exists():
        with path.open("r+b"):
            return
    if path.parent.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _path(database_url: str) -> Path | None:
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
