"""Forward paging by keyset: a cursor holds the sort key of a row, so that pages stay stable while rows come and go."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Generic, TypeVar, overload

import orjson

from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.language import translate

T = TypeVar("T")

MOST_ON_A_PAGE = 500

# No stored number is as large; nor is what is counted, which columns of 32 bits hold.
_BEYOND_KEYS = 2**62
_BEYOND_COUNTS = 2**31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CursorPart = str | int | None


@dataclass(frozen=True, slots=True)
class PageAsk:
    """At most `first` items, those after the cursor `after`."""

    first: int
    after: str | None = None

    def position(self, kind: str, *types: type) -> tuple[CursorPart, ...] | None:
        """The parts that the cursor holds, None at the beginning.

        :raises Unanswerable: INVALID_CURSOR, where it is none of this `kind`.
        """
        positions = self.positions(kind, *types)
        if positions is None:
            return None
        if len(positions) != 1:
            raise invalid_cursor()
        return positions[0]

    def positions(self, kind: str, *types: type) -> list[tuple[CursorPart, ...]] | None:
        """The same of a cursor that holds any number of positions, one after the other.

        :raises Unanswerable: INVALID_CURSOR, where it is none of this `kind`.
        """
        if self.after is None:
            return None
        found, *parts = _decoded(self.after) or [None]
        if found != kind or len(parts) % len(types):
            raise invalid_cursor()
        if not all(type(part) is expected for part, expected in zip(parts, cycle(types), strict=False)):
            raise invalid_cursor()
        return [tuple(parts[first : first + len(types)]) for first in range(0, len(parts), len(types))]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page, with a cursor an item. `total` counts all pages; None where nobody counted.

    `end` is where an empty page goes on, where more may follow what was looked through.
    """

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool = False
    total: int | None = None
    end: str | None = None

    @property
    def end_cursor(self) -> str | None:
        """The cursor with which the next page begins; there is one wherever there is a next page."""
        return self.cursors[-1] if self.cursors else self.end


def page_ask(first: int | None, after: str | None, default: int, most: int = MOST_ON_A_PAGE) -> PageAsk:
    """The page asked for; where nothing is said, one of `default` items, as far as a page may have them.

    :raises Unanswerable: LIMIT_EXCEEDED above `most`, INVALID_INPUT below 0.
    """
    wanted = min(default, most) if first is None else first
    if wanted < 0:
        message = translate("`first` counts items: ask for 0 or more.")
        raise Unanswerable(UserErrorCode.INVALID_INPUT, message, ("first",))
    if wanted > most:
        raise page_too_long(wanted, most)
    return PageAsk(wanted, after)


def page_too_long(first: int, most: int) -> Unanswerable:
    """What answers an argument `first` that is more than a page has."""
    message = translate("A page has at most {most}: ask for fewer, and go on with `after`.")
    return Unanswerable(UnanswerableCode.LIMIT_EXCEEDED, message.format(most=most), ("first",), limit=most, value=first)


def too_many_ids(count: int) -> Unanswerable:
    """What answers an argument `ids` that has more than a page."""
    message = translate("These are {count} ids; ask for at most {most} at once.")
    return Unanswerable(
        UnanswerableCode.LIMIT_EXCEEDED,
        message.format(count=count, most=MOST_ON_A_PAGE),
        ("ids",),
        limit=MOST_ON_A_PAGE,
        value=count,
    )


def page_of(rows: Sequence[T], ask: PageAsk, cursor: Callable[[T], str], total: int | None = None) -> Page[T]:
    """The page out of `rows`, of which one more than asked for was fetched where there are more."""
    items = rows[: ask.first]
    return Page(items, [cursor(row) for row in items], len(rows) > ask.first, ask.after is not None, total)


def cursor_of(kind: str, *parts: CursorPart) -> str:
    """An opaque cursor for a row with this sort key. Integers beyond 64 bits are nobody's key."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *parts])).decode().rstrip("=")


class LazyCursors(Sequence[str]):
    """Cursors that are written where somebody looks at them: of a page, most often the first and the last."""

    def __init__(self, write: Callable[[T], str], places: Sequence[T]) -> None:
        self._write = write
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> "LazyCursors": ...

    def __getitem__(self, index: int | slice) -> "str | LazyCursors":
        if isinstance(index, slice):
            return LazyCursors(self._write, self._places[index])
        return self._write(self._places[index])


def instant_part(instant: datetime) -> int:
    """An instant as a part of a cursor: whole microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant_of_part(part: CursorPart) -> datetime:
    """
    :raises Unanswerable: INVALID_CURSOR, where no instant is that far away.
    """
    try:
        return _EPOCH + timedelta(microseconds=int(part or 0))
    except OverflowError:
        raise invalid_cursor() from None


def count_of_part(part: CursorPart) -> int:
    """
    :raises Unanswerable: INVALID_CURSOR, where nothing is counted that far.
    """
    count = int(part or 0)
    if abs(count) >= _BEYOND_COUNTS:
        raise invalid_cursor()
    return count


def _decoded(cursor: str) -> list[CursorPart]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(text)
    except (binascii.Error, ValueError):
        raise invalid_cursor() from None
    if not isinstance(parts, list) or not all(map(_is_key_part, parts)):
        raise invalid_cursor()
    return parts


def _is_key_part(part: object) -> bool:
    """Whether a database can be asked for what comes after it."""
    if isinstance(part, int):
        return abs(part) < _BEYOND_KEYS
    return part is None or (isinstance(part, str) and part.isprintable())


def invalid_cursor() -> Unanswerable:
    """What whoever passes something else as `after` gets."""
    message = translate("`after` is no cursor of this list: pass an `endCursor` or an edge's `cursor` as it was given.")
    return Unanswerable(UnanswerableCode.INVALID_CURSOR, message, ("after",))
