"""Lists that are kept in order answer as Invito's own paging does, which makes each page from scratch."""

from hypothesis import given
from hypothesis import strategies as st
from invito_ldap.name_order import in_name_order

from invito.plugins import Entry, EntryPage, EntryQuery, PageRequest, ParticipantKind, Position, page_of_entries
from invito.plugins.names import name_key

NAMES = st.lists(st.sampled_from(["Åse", "Aase", "André", "andre", "Øystein", "Ola", "Bø", "Ås"]), min_size=1).map(
    " ".join
)
SEARCHES = st.sampled_from(["", "a", "aa", "å", "AND", "ø", "o", "bø as", "*", "x"])


@given(st.lists(NAMES), SEARCHES, st.integers(0, 12), st.integers(1, 5))
def test_pages_are_the_same(names: list[str], search: str, after: int, first: int) -> None:
    entries = [Entry(f"ldap:{number}", ParticipantKind.EMPLOYEE, name) for number, name in enumerate(names)]
    last = entries[after] if after < len(entries) else None
    page = PageRequest(first, None if last is None else Position(name_key(last.name), last.reference))
    ordered = in_name_order(entries, lambda one: one.name, lambda one: one.reference)

    answered = EntryPage(*ordered.page(page, search, wants_total=True))

    assert answered == page_of_entries(entries, EntryQuery(page, search=search))


@given(st.lists(NAMES, min_size=1), st.data())
def test_some_of_a_list_are_a_list(names: list[str], data: st.DataObject) -> None:
    ordered = in_name_order(names, str, str)
    places = sorted(data.draw(st.sets(st.integers(0, len(names) - 1))))

    assert ordered.only(places) == in_name_order([ordered.items[place] for place in places], str, str)
