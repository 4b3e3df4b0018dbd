"""The file of an SQLite database."""

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


def _path(database_url: str) -> Path | None:
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
