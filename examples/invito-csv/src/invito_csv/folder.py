"""What is in the folder now: looked at for each call, and read where a file has another time or size than before."""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any

from invito.plugins import MOST_IN_NAME, Entry, clean_text
from invito_csv.rows import BadRow, UnreadableFile, read_rows

_MOST_BYTES = 50 * 1024 * 1024
_MOST_BAD_ROWS_NAMED = 20

# What tells that a file is another one than before.
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists by name, and everybody on them. Who is on several is the same on each, as the first one has it."""

    by_name: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    everybody: Mapping[str, Entry] = field(default_factory=dict)
    by_address: Mapping[str, Sequence[Entry]] = field(default_factory=dict)


@dataclass(slots=True)
class _File:
    """A file as it was last looked at, and the rows of when it could last be read.

    Without a stamp it is read the next time, whatever has changed.
    """

    stamp: _Stamp | None = None
    rows: tuple[Entry, ...] | None = None
    problem: str | None = None


@dataclass(slots=True)
class Folder:
    """The files NAME.csv of a folder. One that cannot be read is what it was before, and that is logged."""

    path: Path
    logger: Any
    _files: dict[str, _File] = field(default_factory=dict)
    _lists: Lists = field(default_factory=Lists)
    _was_there: bool = False
    _is_missing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lists(self) -> Lists:
        """
        :raises OSError: the folder cannot be looked at, and never could.
        """
        with self._lock:
            if self._look():
                files = sorted(self._files.items())
                self._lists = _lists_of({name: one.rows for name, one in files if one.rows is not None})
            return self._lists

    def _look(self) -> bool:
        """Whether anything has changed."""
        try:
            there = dict(_files_in(self.path))
        except OSError as problem:
            if not self._was_there:
                raise
            if not self._is_missing:
                self.logger.warning(
                    "folder cannot be looked at: lists stay as they were", problem=type(problem).__name__
                )
            self._is_missing = True
            return False
        self._was_there, self._is_missing = True, False
        gone = self._files.keys() - there.keys()
        for name in gone:
            del self._files[name]
            self.logger.info("list is gone", list=name)
        changed = [name for name, stamp in there.items() if name not in self._files or self._files[name].stamp != stamp]
        for name in changed:
            file = self._files.setdefault(name, _File())
            # The stamp is of before it is read: what is written meanwhile is read the next time.
            file.stamp = there[name]
            self._read(name, file)
        return bool(gone or changed)

    def _read(self, name: str, file: _File) -> None:
        try:
            with (self.path / f"{name}.csv").open("rb") as stream:
                raw = stream.read(_MOST_BYTES + 1)
            if len(raw) > _MOST_BYTES:
                raise UnreadableFile(f"has more than {_MOST_BYTES >> 20} MB")
            rows = read_rows(raw)
        except UnreadableFile as problem:
            self._keep(name, file, str(problem))
            return
        except OSError as problem:
            file.stamp = None
            self._keep(name, file, type(problem).__name__)
            return
        file.problem = None
        file.rows = tuple(row for row in rows if isinstance(row, Entry))
        bad = [row for row in rows if isinstance(row, BadRow)]
        self.logger.info("list is read", list=name, entries=len(file.rows), left_out=len(bad))
        if bad:
            named = {f"line {row.line}": row.problem for row in bad[:_MOST_BAD_ROWS_NAMED]}
            self.logger.warning("rows are left out", list=name, count=len(bad), first=named)

    def _keep(self, name: str, file: _File, problem: str) -> None:
        if problem != file.problem:
            it_is = "not offered" if file.rows is None else "as it was before"
            self.logger.warning("list cannot be read", list=name, problem=problem, it_is=it_is)
        file.problem = problem


def _files_in(path: Path) -> Iterator[tuple[str, _Stamp]]:
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name.removesuffix(".csv")
            if name == entry.name or name.startswith(".") or clean_text(name, MOST_IN_NAME) != name:
                continue
            with suppress(FileNotFoundError):  # it was there a moment ago
                about = entry.stat()
                if S_ISREG(about.st_mode):
                    yield name, (about.st_mtime_ns, about.st_size, about.st_ino)


def _lists_of(rows: Mapping[str, Iterable[Entry]]) -> Lists:
    everybody: dict[str, Entry] = {}
    by_name = {}
    for name, entries in rows.items():
        by_name[name] = tuple(everybody.setdefault(entry.reference, entry) for entry in entries)
    by_address: dict[str, list[Entry]] = {}
    for entry in everybody.values():
        if entry.email:
            by_address.setdefault(entry.email.lower(), []).append(entry)
    return Lists(by_name, everybody, by_address)
