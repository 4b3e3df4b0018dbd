"""Pages for sources that hold everything in memory: an author writes no search, no order, no cut."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from invito.plugins import (
    Container,
    ContainerKind,
    ContainerQuery,
    Entry,
    EntryQuery,
    PageRequest,
    ParticipantKind,
    Position,
    page_of_containers,
    page_of_entries,
)
from invito.plugins.names import name_key

names = st.lists(st.sampled_from(["Anne", "anne", "Åse", "Bjørn", "Kari", "Ødegård", "Zoe"]), max_size=12)


def entries_named(some: Sequence[str]) -> list[Entry]:
    return [Entry(f"x:{place}", ParticipantKind.OTHER, name) for place, name in enumerate(some)]


def read_through(entries: Sequence[Entry], first: int, search: str = "") -> list[Entry]:
    """All pages, one after the other."""
    found: list[Entry] = []
    after, has_more = None, True
    while has_more:
        page = page_of_entries(entries, EntryQuery(PageRequest(first, after), search=search))
        found.extend(page.entries)
        has_more = page.has_more
        if page.entries:
            after = Position(name_key(page.entries[-1].name), page.entries[-1].reference)
    return found


@given(names, st.integers(1, 5))
def test_the_pages_together_are_everyone_once_in_name_order(some: list[str], first: int) -> None:
    entries = entries_named(some)

    found = read_through(entries, first)

    assert sorted(found, key=lambda one: one.reference) == sorted(entries, key=lambda one: one.reference)
    assert [name_key(one.name) for one in found] == sorted(name_key(one.name) for one in entries)


@given(names, names, st.integers(1, 3))
def test_who_is_added_meanwhile_makes_nobody_come_twice_or_get_lost(
    some: list[str], more: list[str], first: int
) -> None:
    entries = entries_named(some)
    page = page_of_entries(entries, EntryQuery(PageRequest(first)))
    added = [Entry(f"y:{place}", ParticipantKind.OTHER, name) for place, name in enumerate(more)]
    after = Position(name_key(page.entries[-1].name), page.entries[-1].reference) if page.entries else None

    rest = page_of_entries([*entries, *added], EntryQuery(PageRequest(100, after)))

    assert {*page.entries, *rest.entries} >= set(entries)
    assert not set(page.entries) & set(rest.entries)


def test_a_search_narrows_the_page_and_its_total() -> None:
    page = page_of_entries(entries_named(["Anne", "Kari", "Anne-Kari"]), EntryQuery(PageRequest(1), search="kari"))

    assert [one.name for one in page.entries] == ["Anne-Kari"]
    assert page.has_more
    assert page.total == 2


def test_containers_are_paged_the_same_way() -> None:
    containers = [Container(str(place), name, ContainerKind.PROJECT) for place, name in enumerate(["Å", "B", "A"])]

    page = page_of_containers(containers, ContainerQuery(PageRequest(2)))
    rest = page_of_containers(containers, ContainerQuery(PageRequest(2, Position(name_key("B"), "1"))))

    assert [one.name for one in page.containers] == ["A", "B"]
    assert page.has_more
    assert [one.name for one in rest.containers] == ["Å"]
    assert not rest.has_more
