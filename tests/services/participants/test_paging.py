"""Pages of what sources list: each entry once, whatever plugins add or take and administrators hide (F5–F7, F11)."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins import Source, hookimpl, page_of_entries
from invito.plugins.contract import Entry, EntryPage, EntryQuery, Label, ParticipantKind, Position
from invito.plugins.names import name_key
from invito.plugins.source import SourceContext
from invito.services.house import House
from invito.services.paging import Page, PageAsk
from invito.services.participants.administering import set_available
from invito.services.participants.listing import AvailableAsk, ListedEntry, available_participants
from invito.services.participants.placing import Place, placed, position_of
from invito.services.participants.scanning import Scan
from invito.services.participants.searching import Places, SourceScan, merged, search_participants
from tests.services.conftest import Office

Extend = Callable[[Sequence[Entry]], Sequence[Entry]]

LABEL = Label("Many", "Mange")


class Many(Source):
    """Lists as many entries as it is told."""

    label = container_label = all_label = LABEL
    offers_all = searches_participants = True

    def __init__(self, key: str, entries: Sequence[Entry]) -> None:
        self.key = key  # type: ignore[misc]  # each of them is a source of its own
        # What a plugin adds to the list of many is resolved there, too.
        self.directories = frozenset({key, "extra"} if key == "many" else {key})  # type: ignore[misc]  # same
        self.entries = entries
        self.asked: list[int] = []

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        self.asked.append(query.page.first)
        return page_of_entries(self.entries, query)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        by_reference = {entry.reference: entry for entry in self.entries}
        return [by_reference.get(reference) for reference in references]


def entry(reference: str, name: str, *aliases: str) -> Entry:
    return Entry(reference, ParticipantKind.OTHER, name, aliases=aliases)


def crowd(key: str, count: int) -> list[Entry]:
    return [entry(f"{key}:{number:03}", f"Name {number:03}") for number in range(count)]


def load(house: House, *sources: Source, extend: Extend | None = None) -> None:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return sources

        @hookimpl
        def invito_extend_participants(self, source: str, participants: Sequence[Entry]) -> Sequence[Entry]:
            return participants if extend is None or source != "many" else extend(participants)

    house.plugins.load([Plugin()])


async def walk(office: Office, first: int, search: str | None = None) -> list[str]:
    """The references on all pages, each of which keeps what a page promises."""
    after, found = None, list[str]()
    for _ in range(100):
        ask = PageAsk(first, after)
        page: Page[ListedEntry]
        if search is None:
            page = await available_participants(office.house, office.kari, AvailableAsk("many"), ask)
        else:
            page = await search_participants(office.house, office.kari, search, None, None, ask)
        assert len(page.items) == len(page.cursors) <= first
        found += [one.entry.reference for one in page.items]
        if not page.has_next:
            return found
        assert page.end_cursor not in (None, after)
        after = page.end_cursor
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("search", [None, "name"])
@pytest.mark.parametrize("first", [1, 7, 60, 100])
@pytest.mark.parametrize("name", ["Aname name", "Name 030", "Øystein name"])
async def test_what_a_plugin_adds_to_every_page_is_listed_once_at_its_name(
    office: Office, first: int, search: str | None, name: str
) -> None:
    there, added = crowd("many", 60), entry("extra:1", name)
    load(office.house, Many("many", there), extend=lambda page: [added, *page])

    found = await walk(office, first, search)

    expected = sorted([added, *there], key=lambda one: (name_key(one.name), one is not added))
    assert found == [one.reference for one in expected]


async def test_what_a_plugin_adds_is_found_by_its_name_alone(office: Office) -> None:
    load(office.house, Many("many", crowd("many", 3)), extend=lambda page: [*page, entry("extra:1", "Øystein")])

    assert await walk(office, 10, "name") == ["many:000", "many:001", "many:002"]
    assert await walk(office, 10, "øys") == ["extra:1"]


async def test_whom_a_plugin_adds_beside_an_alias_of_theirs_is_not_listed_twice(office: Office) -> None:
    load(
        office.house,
        Many("many", [entry("many:1", "Kari", "old:1")]),
        extend=lambda page: [*page, entry("old:1", "Kari N."), entry("many:1", "Kari again")],
    )

    assert await walk(office, 10) == ["many:1"]


async def test_what_a_plugin_renames_or_reorders_keeps_its_place(office: Office) -> None:
    def renamed(page: Sequence[Entry]) -> Sequence[Entry]:
        return [entry(one.reference, f"Å {one.name}") for one in reversed(page)]

    load(office.house, Many("many", crowd("many", 20)), extend=renamed)

    assert await walk(office, 3) == [f"many:{number:03}" for number in range(20)]


@pytest.mark.parametrize("search", [None, "name"])
@pytest.mark.parametrize("first", [1, 10])
async def test_pages_go_on_past_those_whom_a_plugin_takes_away(office: Office, first: int, search: str | None) -> None:
    load(office.house, Many("many", crowd("many", 60)), extend=lambda page: [one for one in page if "03" in one.name])

    assert await walk(office, first, search) == ["many:003", *(f"many:{number:03}" for number in range(30, 40))]


@pytest.mark.parametrize("search", [None, "name"])
async def test_pages_go_on_past_any_number_of_entries_that_are_hidden(office: Office, search: str | None) -> None:
    source = Many("many", crowd("many", 60))
    load(office.house, source)
    for number in range(5, 50):
        await set_available(office.house, office.admin, f"many:{number:03}", is_available=False)

    assert await walk(office, 1, search) == [f"many:{number:03}" for number in [*range(5), *range(50, 60)]]
    assert len(source.asked) < 30


async def test_where_nobody_is_left_the_pages_end_however_many_were_looked_through(office: Office) -> None:
    source = Many("many", crowd("many", 4_000))
    load(office.house, source, extend=lambda _: ())

    first = await available_participants(office.house, office.kari, AvailableAsk("many"), PageAsk(1))

    assert (list(first.items), first.has_next, first.end_cursor is not None) == ([], True, True)
    assert await walk(office, 1) == []


async def test_a_page_that_is_empty_ends_the_list_whatever_its_source_says(office: Office) -> None:
    class Promises(Many):
        def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
            return EntryPage((), has_more=True)

    load(office.house, Promises("many", ()))

    assert await walk(office, 10) == []


async def test_doubles_that_follow_the_last_of_a_page_do_not_begin_the_next(office: Office) -> None:
    load(
        office.house,
        Many("many", crowd("many", 3)),
        Many("again", [entry(f"again:{number}", f"Name {number:03}", f"many:{number:03}") for number in range(3)]),
    )

    assert await walk(office, 1, "name") == ["many:000", "many:001", "many:002"]


async def test_all_who_share_an_address_are_found_on_small_pages(office: Office) -> None:
    class Sharing(Many):
        def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
            return [self.entries for _ in addresses]

    load(office.house, Sharing("many", crowd("many", 3)))

    assert await walk(office, 2, "post@x.example") == ["many:000", "many:001", "many:002", "email:post@x.example"]


names = st.text("ab", min_size=1, max_size=2)


@given(st.lists(names, max_size=8), st.lists(names, max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_wherever_a_page_is_cut_what_follows_is_listed_once(
    own: list[str], added: list[str], size: int, cut: int
) -> None:
    source = sorted((entry(f"own:{number}", name) for number, name in enumerate(own)), key=_key)
    extra = [entry(f"extra:{number}", name) for number, name in enumerate(added)]
    place, found, has_more = Place(), list[str](), True

    while has_more:
        rest = [one for one in source if place.own is None or _key(one) > (place.own.name_key, place.own.id)]
        page = EntryPage(rest[:size], len(rest) > size)
        items = placed(page, [*page.entries, *extra], place, "")
        found += [one.entry.reference for one in items[:cut]]
        has_more = page.has_more or len(items) > cut
        if len(items) >= cut:
            place = items[cut - 1].place
        elif has_more:
            place = Place(position_of(page.entries[-1]))

    expected = sorted([*source, *extra], key=lambda one: (name_key(one.name), one in source, one.reference))
    assert found == [one.reference for one in expected]


def _key(one: Entry) -> tuple[str, str]:
    return name_key(one.name), one.reference


def test_a_merged_page_goes_on_behind_all_that_its_sources_looked_through() -> None:
    start: Places = {}
    end = Place(Position("z", "one:9"))

    found = merged([SourceScan("one", 0, Scan((), end, has_more=True, total=None))], start, 10)
    later = merged([SourceScan("two", 0, Scan((), end, has_more=True, total=None))], start, 10)

    assert (found.entries, found.has_more) == ([], True)
    assert found.end != later.end
