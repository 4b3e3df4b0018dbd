"""What comes back from a plugin is looked at, and what is wrong is said precisely: which entry, which field."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.plugins.border import (
    WrongAnswer,
    busy_of_each,
    busy_of_some,
    container_page,
    entry_page,
    extended_entries,
    found_entries,
    mail_message,
    resolved_entries,
)
from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    Entry,
    EntryPage,
    Language,
    PageRequest,
    ParticipantKind,
    Position,
    Span,
)
from invito.plugins.mail import Attachment, MailMessage
from invito.plugins.names import name_key

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
KARI = Entry("employee:1", ParticipantKind.EMPLOYEE, "Kari", "kari@nordlys.example")
OLA = Entry("employee:2", ParticipantKind.EMPLOYEE, "Ola")
SALES = Container("1", "Sales", ContainerKind.USER_GROUP)
DIRECTORIES = frozenset({"employee", "email"})


class Text(str):
    """What an XML library may give for a text."""

    __slots__ = ()


class Endless(Sequence[Any]):
    """A sequence that never ends when it is read."""

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return KARI

    def __iter__(self) -> Iterator[Any]:
        return (KARI for _ in count())


def wrong(check: Callable[[], object]) -> str:
    with pytest.raises(WrongAnswer) as raised:
        check()
    return raised.value.problem


def page(*entries: Any) -> EntryPage:
    return entry_page(EntryPage(list(entries)), PageRequest(10), DIRECTORIES)


def changed(**fields: Any) -> Entry:
    return replace(KARI, **fields)


def test_a_page_that_is_right_is_handed_on_as_it_is() -> None:
    whole = replace(
        KARI, organization="", title="Utvikler", aliases=("ldap:7",), groups=("Sales", "Sales"), group_ids=("1", "2"),
        place="Storgata 1\N{NO-BREAK SPACE}", is_location=True, language=Language.NB, time_zone="Europe/Oslo",
    )  # fmt: skip

    assert entry_page(EntryPage((whole, OLA), True, 7), PageRequest(2), DIRECTORIES) == EntryPage([whole, OLA], True, 7)


def test_what_a_plugin_does_to_its_list_afterwards_changes_nothing() -> None:
    entries = [KARI]
    taken = entry_page(EntryPage(entries), PageRequest(10), DIRECTORIES)

    entries.append(OLA)

    assert taken.entries == [KARI]


def test_a_page_that_says_there_is_more_is_not_empty() -> None:
    assert not entry_page(EntryPage([], has_more=True), PageRequest(10), DIRECTORIES).has_more
    assert not container_page(ContainerPage([], has_more=True), PageRequest(10)).has_more


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "None, where EntryPage is expected"),
        ([KARI], "list, where EntryPage is expected"),
        (ContainerPage([]), "ContainerPage, where EntryPage is expected"),
        (EntryPage(None), "None, where a list or tuple of entries is expected"),  # type: ignore[arg-type]  # wrong on purpose, as all here
        (EntryPage(KARI), "Entry, where a list or tuple of entries is expected"),  # type: ignore[arg-type]  # same
        (EntryPage("Kari"), "str, where a list or tuple of entries is expected"),  # type: ignore[arg-type]  # same
        (EntryPage(one for one in [KARI]), "generator, where a list or tuple of entries is expected"),  # type: ignore[arg-type]  # same
        (EntryPage({KARI}), "set, where a list or tuple of entries is expected"),  # type: ignore[arg-type]  # same
        (EntryPage([KARI] * 1_000_000), "1,000,000 entries, where at most 10 are expected"),
        (EntryPage(Endless()), "more than 10 entries"),
        (EntryPage([KARI], has_more=1), "has_more: int, where a bool is expected"),  # type: ignore[arg-type]  # same
        (EntryPage([KARI], total=True), "total: bool, where an int or None is expected"),
        (EntryPage([KARI], total=-1), "total is negative"),
        (EntryPage([KARI, OLA], total=1), "total is 1, and the page alone has 2"),
        (EntryPage([KARI, OLA, KARI]), "entries 0 and 2 have the same reference"),
        (EntryPage([KARI, replace(OLA, aliases=("employee:1",))]), "entries 0 and 1 have an alias in common"),
    ],
)
def test_a_page_that_is_none_is_refused_with_its_reason(answer: object, problem: str) -> None:
    assert wrong(lambda: entry_page(answer, PageRequest(10), DIRECTORIES)) == problem


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (None, "None, where an Entry is expected"),
        ("employee:1", "str, where an Entry is expected"),
        (type("Guest", (Entry,), {})("employee:1", ParticipantKind.EMPLOYEE, "K"), "Guest, where an Entry is expected"),
        (changed(reference=7), "reference: int, where a str is expected"),
        (changed(reference="1"), "reference is not <directory>:<id>"),
        (changed(reference="employee:"), "reference is not <directory>:<id>"),
        (changed(reference="ldap:1"), "reference is of the directory 'ldap', which is not resolved here"),
        (changed(reference="employee:" + "7" * 500), "reference has 509 characters, at most 500 are kept"),
        (changed(reference="employee:\n7"), "reference has a character that is no text: U+000A at 9"),
        (changed(kind="EMPLOYEE"), "kind: str, where a ParticipantKind is expected"),
        (changed(name=None), "name: None, where a str is expected"),
        (changed(name=Text("Kari")), "name is Text, which is more than a str: give str(…)"),
        (changed(name=b"Kari"), "name: bytes, where a str is expected"),
        (changed(name=""), "name is empty"),
        (changed(name="K" * 301), "name has 301 characters, at most 300 are kept"),
        (changed(name="Kari\x00"), "name has a character that is no text: U+0000 at 4"),
        (changed(name="Kari\u202egnp"), "name has a character that is no text: U+202E at 4"),
        (changed(name="Kari\r\nBcc: x"), "name has a character that is no text: U+000D at 4"),
        (changed(name="\ud800"), "name has a character that is no text: U+D800 at 0"),
        (changed(email=7), "email: int, where a str is expected"),
        (changed(email="k" * 321), "email has 321 characters, at most 320 are kept"),
        (changed(organization=["Nordlys"]), "organization: list, where a str is expected"),
        (changed(title="T" * 301), "title has 301 characters, at most 300 are kept"),
        (changed(place=7), "place: int, where a str is expected"),
        (changed(aliases="ldap:7"), "aliases: str, where a tuple of str is expected"),
        (changed(aliases=["ldap:7"]), "aliases: list, where a tuple of str is expected"),
        (changed(aliases=(7,)), "one of aliases: int, where a str is expected"),
        (changed(aliases=("ldap:7",) * 1_001), "aliases has 1,001 items, at most 1,000 are kept"),
        (changed(groups=None), "groups: None, where a tuple of str is expected"),
        (changed(groups=("",)), "one of groups is empty"),
        (changed(groups=("Sales",), group_ids=("1", "2")), "group_ids has 2 items and groups 1: one for each"),
        (changed(is_location=1), "is_location: int, where a bool is expected"),
        (changed(language="nb"), "language: str, where a Language or None is expected"),
        (changed(time_zone="Oslo"), "time_zone is no IANA time zone"),
        (changed(time_zone="../../etc/passwd"), "time_zone is no IANA time zone"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_with_its_place_and_its_field(entry: Any, problem: str) -> None:
    assert wrong(lambda: page(OLA, entry)) == f"entry 1: {problem}"


def test_what_is_said_of_a_wrong_answer_holds_nothing_of_it_but_for_debug() -> None:
    with pytest.raises(WrongAnswer) as raised:
        page(changed(name="Kari Nordmann's secret" * 100))

    assert "secret" not in str(raised.value)
    assert "secret" in raised.value.value


def test_letters_of_any_script_are_text() -> None:
    names = ["Øystein Åsbø", "O'Hara-Nuñez", "李小龍", "عمر", "Zoë\N{ZERO WIDTH JOINER}", "a\N{NO-BREAK SPACE}b"]

    assert [one.name for one in page(*(changed(reference=f"employee:{n}", name=n) for n in names)).entries] == names


@given(st.from_type(Entry))
def test_any_entry_is_taken_or_refused_and_never_anything_else(entry: Entry) -> None:
    try:
        taken = page(entry)
    except WrongAnswer as refused:
        assert refused.problem.startswith("entry 0: ")
    else:
        assert taken.entries == [entry]


def test_a_page_begins_behind_the_place_that_was_asked_for() -> None:
    behind_kari = PageRequest(2, Position(name_key(KARI.name), KARI.reference))
    behind_ola = PageRequest(2, Position(name_key(OLA.name), OLA.reference))
    namesake = changed(reference="employee:0")

    assert entry_page(EntryPage([namesake, OLA]), behind_kari, DIRECTORIES).entries == [namesake, OLA]
    repeated = "entry 1 is the one that the page begins behind"
    assert wrong(lambda: entry_page(EntryPage([namesake, KARI]), behind_kari, DIRECTORIES)) == repeated
    before = "entry 0 stands before the place that the page begins behind"
    assert wrong(lambda: entry_page(EntryPage([KARI]), behind_ola, DIRECTORIES)) == before
    boxes = PageRequest(2, Position(name_key(SALES.name), SALES.id))
    assert wrong(lambda: container_page(ContainerPage([SALES]), boxes)) == (
        "container 0 is the one that the page begins behind"
    )


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        (None, "None, where a Container is expected"),
        (replace(SALES, id=7), "id: int, where a str is expected"),  # type: ignore[arg-type]  # wrong on purpose
        (replace(SALES, name=""), "name is empty"),
        (replace(SALES, kind=None), "kind: None, where a ContainerKind is expected"),  # type: ignore[arg-type]  # same
        (replace(SALES, description="D" * 1_001), "description has 1,001 characters, at most 1,000 are kept"),
        (replace(SALES, member_count=-1), "member_count is negative"),
        (replace(SALES, member_count=1.5), "member_count: float, where an int or None is expected"),  # type: ignore[arg-type]  # same
    ],
)
def test_a_container_that_is_wrong_is_refused_with_its_place_and_its_field(container: Any, problem: str) -> None:
    assert wrong(lambda: container_page(ContainerPage([container]), PageRequest(10))) == f"container 0: {problem}"


def test_a_container_stands_on_a_page_once() -> None:
    assert (
        wrong(lambda: container_page(ContainerPage([SALES, SALES]), PageRequest(10)))
        == "containers 0 and 1 have the same id"
    )
    assert wrong(lambda: container_page(ContainerPage([SALES] * 9), PageRequest(8))).startswith(
        "9 containers, where at most 8"
    )


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "None, where a list or tuple of entries or None is expected"),
        ({"employee:1": KARI}, "dict, where a list or tuple of entries or None is expected"),
        ([KARI], "1 entries or None, where 2 were asked for"),
        ([KARI, None, None], "3 entries or None, where at most 2 are expected"),
        ([None, 7], "entry 1: int, where an Entry is expected"),
        (
            [None, changed(reference="email:x")],
            "entry 1: reference is of the directory 'email', which is not resolved here",
        ),
    ],
)
def test_what_resolves_references_answers_one_for_each_of_its_own(answer: object, problem: str) -> None:
    asked = ["employee:1", "employee:2"]

    assert wrong(lambda: resolved_entries(answer, asked, frozenset({"employee"}))) == problem


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([], "0 lists of entries, where 2 were asked for"),
        ([[KARI], KARI], "address 1: Entry, where a list or tuple of entries is expected"),
        ([[KARI], ["Ola"]], "address 1: entry 0: str, where an Entry is expected"),
        ([[], [KARI] * 101], "address 1: 101 entries, where at most 100 are expected"),
    ],
)
def test_what_finds_addresses_answers_a_list_for_each(answer: object, problem: str) -> None:
    assert wrong(lambda: found_entries(answer, ["a@x.example", "b@x.example"], DIRECTORIES)) == problem


def test_a_page_may_grow_by_what_plugins_add_and_not_without_end() -> None:
    assert extended_entries([KARI, OLA, KARI], [KARI], DIRECTORIES) == [KARI, OLA, KARI]
    problem = wrong(lambda: extended_entries([KARI] * 1_000_000, [KARI], DIRECTORIES))
    assert problem == "1,000,000 entries, where at most 1,001 are expected"


def tampered(**fields: Any) -> Span:
    """A span that somebody wrote into."""
    span = Span(HOUR.start, HOUR.end)
    for name, value in fields.items():
        object.__setattr__(span, name, value)
    return span


WRONG_SPANS: Mapping[str, tuple[Any, str]] = {
    "no span": ((NOON, NOON), "span 0: tuple, where a Span is expected"),
    "naive": (tampered(start=datetime(2026, 12, 1, 12)), "span 0: an instant is not in UTC"),
    "no datetime": (tampered(end="noon"), "span 0: str, where a datetime is expected"),
    "out of order": (tampered(end=NOON), "span 0: the end does not come after the start"),
}


@pytest.mark.parametrize(("span", "problem"), WRONG_SPANS.values(), ids=WRONG_SPANS.keys())
def test_a_span_that_is_wrong_is_refused_with_its_place(span: Any, problem: str) -> None:
    assert wrong(lambda: busy_of_each([None, [span]], ["a:1", "a:2"])) == f"reference 1: {problem}"
    assert wrong(lambda: busy_of_some({"a:1": [], "a:2": [span]}, ["a:1", "a:2"])) == f"reference 1: {problem}"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "None, where a list or tuple of lists of spans or None is expected"),
        ([[HOUR]], "1 lists of spans or None, where 2 were asked for"),
        ([HOUR, None], "reference 0: Span, where a list or tuple of spans is expected"),
        ([None, [HOUR] * 10_001], "reference 1: 10,001 spans, where at most 10,000 are expected"),
        ([None, (HOUR for _ in count())], "reference 1: generator, where a list or tuple of spans is expected"),
    ],
)
def test_a_calendar_of_a_source_answers_for_each_reference(answer: object, problem: str) -> None:
    assert wrong(lambda: busy_of_each(answer, ["a:1", "a:2"])) == problem


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([], "list, where a dict of references and their spans or None is expected"),
        ({"a:2": []}, "reference 0 is none of those asked for"),
        ({1: [HOUR]}, "reference 0 is none of those asked for"),
        ({"a:1": 7}, "reference 0: int, where a list or tuple of spans is expected"),
        ({str(number): [] for number in range(1_000)}, "1,000 references, where 1 were asked for"),
    ],
)
def test_a_further_calendar_answers_for_none_but_those_asked_for(answer: object, problem: str) -> None:
    assert wrong(lambda: busy_of_some(answer, ["a:1"])) == problem


class Moment(datetime):
    """What a calendar library may give for an instant."""


def test_a_span_is_of_plain_instants_whatever_library_made_them() -> None:
    span = Span(Moment(2026, 12, 1, 12, tzinfo=UTC), Moment(2026, 12, 1, 13, 0, 0, 7, tzinfo=UTC))

    assert type(span.start) is type(span.end) is datetime
    assert span == Span(NOON, NOON + timedelta(hours=1, microseconds=7))
    assert busy_of_each([[span]], ["a:1"]) == [[span]]


def test_a_span_without_an_offset_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="offset from UTC"):
        Span(datetime(2026, 12, 1, 12), NOON)
    with pytest.raises(ValueError, match="after its start"):
        Span(NOON, NOON)


MAIL = MailMessage("Budget", "Come\n", "<p>Come</p>")
NAME_OF_NONE = "header 0: its name is none that plugins may add (X-…, List-… and a few more)"
NO_PATH = "is a path, where the name of a file is expected"
NO_FILE = "attachment 0: content_type is none of a file"
TOO_LARGE = "the attachments have 5,200,000 octets, at most 5,000,000 are sent"
PLAN = Attachment("plan.pdf", "application/pdf", b"%PDF")


def test_a_mail_that_is_right_is_handed_on_and_none_leaves_it_as_it_was() -> None:
    changed = replace(MAIL, headers=(("List-Id", "<a.example>"), ("importance", "high")), attachments=(PLAN,))

    assert mail_message(changed, MAIL) == changed
    assert mail_message(None, MAIL) == MAIL


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"subject": "Hi\r\nBcc: eve@evil.example"}, "subject has a character that is no text: U+000D at 2"),
        ({"subject": ""}, "subject is empty"),
        ({"text": None}, "text: None, where a str is expected"),
        ({"html": "\x00"}, "html has a character that is no text: U+0000 at 0"),
        ({"text": "a" * 500_001}, "text has 500,001 characters, at most 500,000 are sent"),
        ({"headers": None}, "None, where a list or tuple of headers is expected"),
        ({"headers": [["X-A", "b"]]}, "header 0: list, where a tuple of a name and a value is expected"),
        ({"headers": [("Bcc", "b")]}, NAME_OF_NONE),
        ({"headers": [("X-A:b\r\nBcc", "b")]}, NAME_OF_NONE),
        ({"headers": [("X-A", "b\nBcc: c")]}, "header 0: its value has a character that is no text: U+000A at 1"),
        ({"headers": [("X-A", "b")] * 51}, "51 headers, where at most 50 are expected"),
        ({"attachments": [b""]}, "attachment 0: bytes, where an Attachment is expected"),
        ({"attachments": [replace(PLAN, name="../plan")]}, f"attachment 0: name {NO_PATH}"),
        ({"attachments": [replace(PLAN, content_type="text/calendar")]}, NO_FILE),
        ({"attachments": [replace(PLAN, content_type="Message/RFC822")]}, NO_FILE),
        ({"attachments": [replace(PLAN, content_type="a/b\r\nBcc: c")]}, NO_FILE),
        ({"attachments": [replace(PLAN, content="x")]}, "attachment 0: content: str, where bytes is expected"),  # type: ignore[arg-type]  # wrong on purpose
        ({"attachments": [replace(PLAN, content=bytes(2_600_000))] * 2}, TOO_LARGE),
    ],
)  # fmt: skip
def test_a_mail_that_would_become_another_is_refused(fields: dict[str, Any], problem: str) -> None:
    assert wrong(lambda: mail_message(replace(MAIL, **fields), MAIL)) == problem
