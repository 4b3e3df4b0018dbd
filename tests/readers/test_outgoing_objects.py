"""What goes out says the same to programs that others wrote: icalendar, vobject and ical.js (ITIP.md, Out)."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.outgoing import METHODS, Outgoing, in_zones, outgoing, with_crowds, with_names
from tests.readers.sayings import IcalJs, Saying, by_icalendar, by_vobject
from tests.services.conftest import Make

Reader = Callable[[str], Saying]

# Letters that mean something in iCalendar, and anything else that may be typed.
typed = st.text(
    st.sampled_from('\\;:,"\n=^ ATENDMIL:æøå😀é') | st.characters(exclude_categories=["Cs", "Cc"]), max_size=120
).filter(str.strip)


@pytest.fixture(scope="module")
def ical_js() -> Iterator[IcalJs]:
    reader = IcalJs()
    yield reader
    reader.end()


@pytest.fixture(params=["icalendar", "vobject", "ical.js"])
def reader(request: pytest.FixtureRequest) -> Reader:
    if request.param == "ical.js":
        reader: Reader = request.getfixturevalue("ical_js")
        return reader
    return by_icalendar if request.param == "icalendar" else by_vobject


@pytest.mark.parametrize("kinds", [in_zones, with_names, with_crowds])
def test_a_reader_has_what_was_meant(reader: Reader, kinds: Callable[[], Iterator[tuple[str, Outgoing]]]) -> None:
    meant = dict(kinds())

    read = {label: reader(one.text) for label, one in meant.items()}

    assert {label: said for label, said in read.items() if said != meant[label].says} == {}


@settings(max_examples=60, deadline=None)
@given(typed, typed, typed, st.sampled_from(METHODS))
def test_ical_js_has_any_text_as_it_was_typed(
    ical_js: IcalJs, title: str, description: str, name: str, method: str
) -> None:
    follow_up = Make().follow_up(title=title, location=name, description=description)

    one = outgoing(method, follow_up=follow_up, comment=description)

    assert ical_js(one.text) == one.says
