"""A list that is kept in name order answers as one that is put in order at each page."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins import (
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    NameIndex,
    PageRequest,
    ParticipantKind,
    Position,
    name_index,
    page_of_containers,
    page_of_entries,
)
from invito.plugins.names import name_key

NAMES = st.lists(st.sampled_from(["Åse", "Aase", "André", "andre", "Øystein", "Ola", "Bø", "Ås"]), min_size=1).map(
    " ".join
)
SEARCHES = st.sampled_from(["", "a", "aa", "å", "AND", "ø", "o", "bø as", "*", "x"])


def entries_named(names: Sequence[str]) -> list[Entry]:
    return [Entry(f"x:{number}", ParticipantKind.OTHER, name) for number, name in enumerate(names)]


def page_after(entries: Sequence[Entry], after: int, first: int) -> PageRequest:
    last = entries[after] if after < len(entries) else None
    return PageRequest(first, None if last is None else Position(name_key(last.name), last.reference))


@given(st.lists(NAMES), SEARCHES, st.integers(0, 12), st.integers(1, 5))
def test_pages_of_entries_are_the_same(names: list[str], search: str, after: int, first: int) -> None:
    entries = entries_named(names)
    page = page_after(entries, after, first)

    answered = EntryPage(*NameIndex(entries).page(page, search))

    assert answered == page_of_entries(entries, EntryQuery(page, search=search))


@given(st.lists(NAMES), SEARCHES)
def test_pages_of_containers_are_the_same(names: list[str], search: str) -> None:
    some = [Container(str(number), name, ContainerKind.OTHER) for number, name in enumerate(names)]

    answered = ContainerPage(*NameIndex(some).page(PageRequest(5), search))

    assert answered == page_of_containers(some, ContainerQuery(PageRequest(5), search))


@given(st.lists(NAMES, min_size=1), SEARCHES, st.integers(0, 12), st.integers(1, 5), st.data())
def test_a_page_among_some_is_that_of_a_list_of_them(
    names: list[str], search: str, after: int, first: int, data: st.DataObject
) -> None:
    entries = entries_named(names)
    index = NameIndex(entries)
    places = sorted(data.draw(st.sets(st.integers(0, len(names) - 1))))
    page = page_after(entries, after, first)

    answered = EntryPage(*index.page(page, search, places))

    assert answered == page_of_entries([index.items[place] for place in places], EntryQuery(page, search=search))


@given(st.lists(NAMES), st.lists(NAMES), SEARCHES)
def test_one_that_takes_over_from_before_is_as_one_made_anew(before: list[str], now: list[str], search: str) -> None:
    there = NameIndex(entries_named(before))

    taken_over, anew = NameIndex(entries_named(now), there), NameIndex(entries_named(now))

    assert (taken_over.items, taken_over.place_of) == (anew.items, anew.place_of)
    assert taken_over.page(PageRequest(100), search) == anew.page(PageRequest(100), search)


def test_names_that_did_not_change_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = NameIndex(entries_named(["Åse", "Ola"]))
    asked: list[str] = []

    def asking(name: str) -> str:
        asked.append(name)
        return name_key(name)

    monkeypatch.setattr(name_index, "name_key", asking)

    NameIndex(entries_named(["Åse", "Olav"]), before)

    assert asked == ["Olav"]
