"""What became of a file, row by row."""

from collections.abc import Callable
from dataclasses import dataclass, field

from invito.services.errors import InvitoError

# Told how many rows are done, of how many.
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """For whoever does not watch."""


class UnreadableFile(InvitoError):
    """A file as a whole cannot be imported; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that did not go in or, where it is `partly_in`, not all of it. `line` counts from 1, as an editor does."""

    line: int
    reason: str
    partly_in: bool = False


@dataclass(slots=True)
class ImportReport:
    """How many rows were new, different, or there already; `removed` are events that the file has no longer.

    `notes` are what is to be known about the file as a whole, in sentences.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """How many rows did not go in."""
        return sum(not row.partly_in for row in self.bad)

    @property
    def partly_in(self) -> int:
        """Of how many rows that went in something is missing; they are counted among the others too."""
        return len({row.line for row in self.bad if row.partly_in})
