"""What becomes of rows: who is listed, under which name, in which groups, and busy when."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from invito_sql.check import checking
from invito_sql.database import Database
from invito_sql.snapshot import TooManyRows
from invito_sql.source_file import SourceTable, WrongSourceFile, read_source_file
from invito_sql.sql_source import Bounds, NotRead, SqlSource, SqlSourceWithCalendars, source_of
from sqlalchemy import make_url
from typer.testing import CliRunner

from invito.plugins import (
    ContainerQuery,
    Entry,
    EntryQuery,
    Language,
    PageRequest,
    ParticipantKind,
    Position,
    SourceContext,
    Span,
    UnknownContainer,
)
from invito.plugins.names import name_key
from tests.company_database import Company

EVERYTHING = PageRequest(500)
MORNING = Span(datetime(2031, 3, 3, 8, tzinfo=UTC), datetime(2031, 3, 3, 12, tzinfo=UTC))
MEETING = Span(datetime(2031, 3, 3, 9, tzinfo=UTC), datetime(2031, 3, 3, 10, tzinfo=UTC))


Open = Callable[..., SqlSource]


@pytest.fixture
def opened(company: Company) -> Iterator[Open]:
    """Opens a source of the file that comes along, or one of persons with queries of the test's own, and reads it."""
    database = Database(make_url(company.url))

    def open_one(key: str = "people", bounds: Bounds | None = None, **queries: str) -> SqlSource:
        own = {"label": {"en": "People", "nb": "Folk"}, "kind": "person", "queries": queries}
        table = SourceTable.model_validate(own) if queries else read_source_file("espocrm").sources[key]
        source = source_of(key, table, "company.toml", database, bounds or Bounds())
        source.read()
        return source

    yield open_one
    database.close()


def context() -> SourceContext:
    return SourceContext(None, Language.EN, "Europe/Oslo", time.monotonic() + 60, None)


def listed(source: SqlSource, search: str = "", container: str | None = None) -> list[Entry]:
    return list(source.participants(context(), EntryQuery(EVERYTHING, container, search)).entries)


def names(source: SqlSource, search: str = "", container: str | None = None) -> list[str]:
    return [entry.name for entry in listed(source, search, container)]


def entry(source: SqlSource, reference: str) -> Entry | None:
    (found,) = source.resolve(context(), [reference])
    return found


def busy(source: SqlSource, *references: str, during: Span = MORNING) -> list[Sequence[Span] | None]:
    assert isinstance(source, SqlSourceWithCalendars)
    return list(source.busy(context(), references, during))


def test_contacts_and_companies_are_listed_in_norwegian_order_and_deleted_ones_are_not(opened: Open) -> None:
    source = opened("espo_contacts")

    assert names(source) == [
        "100% Regnskap_Øst",
        "André Bull",
        "Bjørnson's Fisk",
        "Kari Nordmann",
        "Kari Nordmann",
        "Siobhán O'Hara",
        "Ægir",
        "Ærø Bygg AS",
        "Øystein Aas",
        "Åse Ørjasæter",
        "Åsen Kraft",
    ]
    assert entry(source, "espo_contacts:c8") is None
    assert [one.name for one in source.containers(context(), ContainerQuery(EVERYTHING)).containers] == [
        "100% Regnskap_Øst",
        "Bjørnson's Fisk",
        "Ærø Bygg AS",
        "Åsen Kraft",
    ]


def test_a_contact_has_a_company_a_title_and_the_primary_address_that_is_valid(company: Company, opened: Open) -> None:
    company.add_address("Contact", "c1", "privat@kari.example", primary=False)

    kari = entry(opened("espo_contacts"), "espo_contacts:c1")

    assert kari == Entry(
        "espo_contacts:c1",
        ParticipantKind.PERSON,
        "Kari Nordmann",
        email="Kari@Aero.example",
        organization="Ærø Bygg AS",
        title="Innkjøper",
    )


def test_a_companys_list_has_its_contacts_and_itself(opened: Open) -> None:
    source = opened("espo_contacts")

    assert names(source, container="a1") == ["Kari Nordmann", "Ærø Bygg AS", "Åse Ørjasæter"]
    with pytest.raises(UnknownContainer):
        listed(source, container="a5")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("å", ["Øystein Aas", "Åse Ørjasæter", "Åsen Kraft"]),
        ("aas", ["Øystein Aas", "Åse Ørjasæter", "Åsen Kraft"]),
        ("nord kar", ["Kari Nordmann", "Kari Nordmann"]),
        ("%", None),
        ("_", None),
        ("100%", ["100% Regnskap_Øst"]),
        ("k%ri", []),
        ("o'h", ["Siobhán O'Hara"]),
        ("siobhan", ["Siobhán O'Hara"]),
        ("'; DROP TABLE contact; --", []),
    ],
)
def test_a_search_goes_by_the_beginnings_of_words_and_signs_mean_nothing(
    opened: Open, typed: str, found: list[str] | None
) -> None:
    source = opened("espo_contacts")

    assert names(source, typed) == (names(source) if found is None else found)


def test_who_is_deleted_is_gone_with_the_next_reading_and_who_is_new_is_there(company: Company, opened: Open) -> None:
    source = opened("espo_contacts")
    company.add_contact("c90", "Kortvarig", "Venn", account="a2")
    source.read()
    there = names(source, "kortvarig", "a2")

    company.change("contact", "c90", deleted=True)
    kept = names(source, "kortvarig", "a2")
    source.read()

    assert (there, kept, names(source, "kortvarig", "a2")) == (["Kortvarig Venn"], ["Kortvarig Venn"], [])
    assert entry(source, "espo_contacts:c90") is None


def test_who_is_renamed_is_found_by_the_new_name_alone(company: Company, opened: Open) -> None:
    source = opened("espo_contacts")
    company.add_contact("c91", "Før", "Bryllup")
    source.read()

    company.change("contact", "c91", first_name="Etter")
    source.read()
    company.change("contact", "c91", deleted=True)

    assert (names(source, "etter"), names(source, "før")) == (["Etter Bryllup"], [])


def test_an_employee_has_the_groups_whose_lists_they_are_in_the_default_one_first(opened: Open) -> None:
    nils = entry(opened("espo_users"), "espo_users:u1")

    assert nils is not None
    assert (nils.kind, nils.groups) == (ParticipantKind.EMPLOYEE, ("Økonomi", "Salg"))
    assert nils.group_ids == ("espo_users:t2", "espo_users:t1")


def test_an_employee_without_a_meeting_is_free_and_of_a_contact_without_one_nobody_knows(opened: Open) -> None:
    contacts, users = opened("espo_contacts"), opened("espo_users")

    assert busy(contacts, "espo_contacts:c1", "espo_contacts:c2", "espo_contacts:nobody") == [[MEETING], None, None]
    assert busy(users, "espo_users:u1", "espo_users:u2", "espo_users:nobody") == [[MEETING], [], None]


def test_a_meeting_that_was_declined_called_off_or_deleted_keeps_nobody_busy(company: Company, opened: Open) -> None:
    company.add_meeting("m90", "2031-03-05T09:00", "2031-03-05T10:00", user="u2")
    company.add_meeting("m91", "2031-03-05T11:00", "2031-03-05T12:00", user="u2", status="Not Held")
    company.add_meeting("m92", "2031-03-05T13:00", "2031-03-05T13:00", user="u2")
    company.add("call", id="k90", status="Planned", date_start=at("14:00"), date_end=at("15:00"))
    company.add("call_user", call_id="k90", user_id="u2", status="Accepted")
    company.add("call", id="k91", status="Planned", date_start=at("16:00"), date_end=at("17:00"))
    company.add("call_user", call_id="k91", user_id="u2", status="Declined")
    company.change("meeting", "m90", deleted=True)

    day = Span(datetime(2031, 3, 5, tzinfo=UTC), datetime(2031, 3, 6, tzinfo=UTC))
    (found,) = busy(opened("espo_users"), "espo_users:u2", during=day)

    assert found is not None
    assert [(one.start.hour, one.end.hour) for one in found] == [(14, 15)]


def at(time_of_day: str) -> datetime:
    return datetime.fromisoformat(f"2031-03-05T{time_of_day}")


def test_more_than_a_thousand_are_asked_for_at_once(company: Company, opened: Open) -> None:
    many = " UNION ALL ".join(f"SELECT {number} AS id, 'Rom' AS name" for number in range(1, 201))
    numbers = f"SELECT a.id * 1000 + b.id AS id, a.name FROM ({many}) AS a, ({many}) AS b WHERE a.id <= 6"
    query = "SELECT room_id + 6199 AS id, booked_from AS starts, booked_to AS ends FROM booking"
    source = opened(
        everyone=numbers, busy=f"{query} WHERE room_id + 6199 IN :ids AND booked_from < :end AND booked_to > :start"
    )

    references = [entry.reference for page in pages(source) for entry in page]
    found = busy(source, *references)

    assert len(references) == 1_200
    assert [(reference, one) for reference, one in zip(references, found, strict=True) if one] == [
        ("people:6200", [MEETING])
    ]


def pages(source: SqlSource) -> Iterator[list[Entry]]:
    after = None
    while True:
        page = source.participants(context(), EntryQuery(PageRequest(500, after)))
        yield list(page.entries)
        if not page.has_more:
            return
        after = Position(name_key(page.entries[-1].name), page.entries[-1].reference)


def test_a_row_without_id_or_name_and_a_second_one_of_an_id_are_left_out_and_counted(opened: Open) -> None:
    rows = ["1 AS id, 'Kari' AS name", "1, 'Kari igjen'", "NULL, 'Ingen'", "2, '   '", "3, NULL"]
    source = opened(everyone=f"SELECT {' UNION ALL SELECT '.join(rows)}")

    assert names(source) == ["Kari"]
    assert source.read().left_out == 4


def test_a_time_zone_that_is_none_is_left_out_counted_and_told_by_the_check(opened: Open) -> None:
    rows = ["1 AS id, 'Kari' AS name, 'Europe/Oslo' AS time_zone", "2, 'Ola', 'GMT+1'", "3, 'Per', '../zone'"]
    source = opened(everyone=f"SELECT {' UNION ALL SELECT '.join(rows)}")

    told = CliRunner().invoke(checking([source]), ["check"])

    assert [one.time_zone for one in listed(source)] == ["Europe/Oslo", None, None]
    assert source.read().wrong_zones == 2
    assert "people: 2 entries have a time_zone that is no name of the IANA's" in told.stdout
    assert told.exit_code == 0


def test_an_address_that_is_none_is_left_out(opened: Open) -> None:
    rows = ["1 AS id, 'Kari' AS name, ' Kari@a.example ' AS email", "2, 'Ola', 'ring resepsjonen'"]
    source = opened(everyone=f"SELECT {' UNION ALL SELECT '.join(rows)}")

    assert [one.email for one in listed(source)] == ["Kari@a.example", None]


def test_a_name_is_one_line_of_letters_however_it_was_typed(opened: Open) -> None:
    source = opened(everyone=f"SELECT 1 AS id, ' Kari\u200e\n  Nordmann{'n' * 400}' AS name")

    (name,) = names(source)
    assert name.startswith("Kari Nordmannnn")
    assert len(name) == 300
    assert name.isprintable()


def test_a_colon_within_a_text_is_one_with_a_backslash_before_it(opened: Open) -> None:
    assert names(opened(everyone="SELECT 1 AS id, 'Rom \\:kjeller, 100% \\:loft' AS name")) == [
        "Rom :kjeller, 100% :loft"
    ]


def test_who_has_no_name_is_called_by_the_address(opened: Open) -> None:
    source = opened(everyone="SELECT 1 AS id, NULL AS first_name, NULL AS last_name, 'post@a.example' AS email")

    assert names(source) == ["post@a.example"]


def test_a_reference_of_before_leads_to_whoever_names_it_first(opened: Open) -> None:
    rows = ["1 AS id, 'Kari' AS name, 'employee:7' AS alias", "2, 'Ola', 'employee:7'", "3, 'Per', 'people:1'"]
    source = opened(everyone=f"SELECT {' UNION ALL SELECT '.join(rows)}")

    assert [one.aliases for one in listed(source)] == [("employee:7",), (), ()]
    found = entry(source, "employee:7")
    assert found is not None
    assert found.reference == "people:1"


def test_several_who_have_one_address_are_all_found_by_it(opened: Open) -> None:
    rows = ["1 AS id, 'Kari' AS name, 'Post@A.example' AS email", "2, 'Ola', 'post@a.EXAMPLE'"]
    source = opened(everyone=f"SELECT {' UNION ALL SELECT '.join(rows)}")

    (owners, nobody) = source.find(context(), ["post@a.example", "b@a.example"])

    assert [one.name for one in owners] == ["Kari", "Ola"]
    assert list(nobody) == []


def test_more_rows_than_may_be_kept_are_refused_and_not_cut_off(opened: Open) -> None:
    with pytest.raises(TooManyRows, match=r"queries\.everyone gives more than 2 rows: see INVITO_SQL_MOST_ROWS"):
        opened(
            bounds=Bounds(most_rows=2),
            everyone="SELECT 1 AS id, 'a' AS name UNION ALL SELECT 2, 'b' UNION ALL SELECT 3, 'c'",
        )


@pytest.mark.parametrize(
    ("everyone", "said"),
    [
        ("SELECT 1 AS number, 'Kari' AS name", "gives no column id"),
        ("SELECT 1 AS id, 'a@b.example' AS email", "gives no column first_name, last_name, middle_name, name: one of"),
        ("SELECT 1 AS id, 'Kari' AS name, 'x' AS mail", "gives a column mail, which means nothing: alias, email"),
        ("SELECT 1 AS id, 'Kari' AS name, 'robot' AS kind", "gives another kind than company, employee, other"),
    ],
)
def test_columns_that_mean_nothing_are_told_with_file_and_query(opened: Open, everyone: str, said: str) -> None:
    with pytest.raises(WrongSourceFile) as problem:
        opened(everyone=everyone)

    assert str(problem.value).startswith(f"company.toml: [sources.people.queries] everyone: {said}")


def test_busy_times_that_are_none_are_told_with_file_and_query(opened: Open) -> None:
    source = opened(
        everyone="SELECT 1 AS id, 'Kari' AS name",
        busy="SELECT 1 AS id, 'now' AS starts, 'then' AS ends WHERE 1 IN :ids",
    )

    with pytest.raises(WrongSourceFile, match=r"\[sources\.people\.queries\] busy: gives no date and time in starts"):
        busy(source, "people:1")


def test_a_query_that_looks_at_no_time_tells_of_the_time_asked_for_all_the_same(opened: Open) -> None:
    source = opened(
        everyone="SELECT 1 AS id, 'Kari' AS name",
        busy="SELECT 1 AS id, '2031-03-03 09:00:00' AS starts, '2031-03-03T12:00+02:00' AS ends WHERE 1 IN :ids",
    )

    (during,) = busy(source, "people:1")
    (afterwards,) = busy(source, "people:1", during=Span(MEETING.end, MORNING.end))

    assert (during, afterwards) == ([MEETING], None)


def test_nobody_is_listed_before_the_database_was_read_or_long_after(company: Company) -> None:
    database = Database(make_url(company.url))
    table, clock = read_source_file("espocrm").sources["espo_users"], iter([0.0, 10.0, 10.5])
    source = source_of("espo_users", table, "espocrm", database, Bounds(keep_seconds=10), lambda: next(clock))
    hurried = SourceContext(None, Language.EN, "Europe/Oslo", 0.0, None)

    with pytest.raises(NotRead, match="has not been read yet"):
        source.find(hurried, ["u1@fjord.example"])
    source.read()
    (owners,) = source.find(hurried, ["u1@fjord.example"])
    with pytest.raises(NotRead, match="too long ago"):
        source.find(hurried, ["u1@fjord.example"])
    database.close()

    assert [one.name for one in owners] == ["Nils Åsheim"]
