"""What the kit is told of a source, and the two ways in which a check ends early."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from invito.plugins.contract import Span

T = TypeVar("T")


class Broken(AssertionError):
    """A promise of the contract that the source does not keep: the message says which, and what it answered."""


class GivenUp(Broken):
    """A call that was not answered in time: the message says which, how long it was waited for, and what to do."""


class NotChecked(Exception):
    """A check that cannot be made of this source: the message says what to give, or why there is nothing to check."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the kit cannot know of a source. All of it may be left out; a check that needs it is skipped, and says so.

    `reference`, `container` and `address` are of somebody who is there. `busy` is a reference and a span in which it is
    busy. `add_entry` adds an entry of this name to what the source lists, `add_sharers` so many entries that have this
    e-mail address (both plain or async). `entries_without_container`: All lists some whom no container does.
    `searches_more_than_names`: a search looks at addresses or titles too.
    `others_directories`: directories of other sources whose entries this one lists. `call_seconds`: after this
    every call is given up, as INVITO_PLUGIN_CALL_SECONDS says in a running Invito.
    """

    reference: str | None = None
    container: str | None = None
    address: str | None = None
    busy: tuple[str, Span] | None = None
    add_entry: Callable[[str], object] | None = None
    add_sharers: Callable[[str, int], object] | None = None
    entries_without_container: bool = False
    searches_more_than_names: bool = False
    others_directories: frozenset[str] = frozenset()
    call_seconds: float = 2.0


def given(fact: T | None, what: str) -> T:
    """
    :raises NotChecked: the author did not give the fact.
    """
    if fact is None:
        raise NotChecked(f"Give {what}.")
    return fact


def expect(is_kept: bool, sentence: str) -> None:
    """
    :raises Broken: it is not so.
    """
    __tracebackhide__ = True
    if not is_kept:
        raise Broken(sentence)


def shown(value: object) -> str:
    """A value within a sentence, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
