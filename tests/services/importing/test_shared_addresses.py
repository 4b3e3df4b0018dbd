"""Whose address it is: persons may share one, employees may not."""

from pathlib import Path

import pytest

from invito.plugins.contract import EntryQuery, PageRequest, ParticipantKind
from invito.services.directory import Directory
from invito.services.importing import ImportReport, import_people, people
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind


async def take_in(database: Database, folder: Path, kind: EntryKind, text: str) -> ImportReport:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return await import_people(database, kind, path)


async def references(database: Database, kind: ParticipantKind) -> dict[str, str]:
    page = await Directory(database).entries([kind], EntryQuery(PageRequest(100)))
    return {entry.name: entry.reference for entry in page.entries}


async def addresses(database: Database) -> dict[str, str | None]:
    """Of the employees, by name."""
    page = await Directory(database).entries([ParticipantKind.EMPLOYEE], EntryQuery(PageRequest(100)))
    return {entry.name: entry.email for entry in page.entries}


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.changed, report.unchanged


async def test_persons_who_share_an_address_stay_who_they_are_in_whatever_order_they_come(
    database: Database, tmp_path: Path
) -> None:
    ola, per, una = (f"{name},post@x.example\n" for name in ("Ola", "Per", "Una"))
    await take_in(database, tmp_path, EntryKind.PERSON, f"name,email\n{ola}{per}")
    before = await references(database, ParticipantKind.PERSON)

    report = await take_in(database, tmp_path, EntryKind.PERSON, f"name,email\n{una}{per}{ola}")

    after = await references(database, ParticipantKind.PERSON)
    assert counts(report) == (1, 0, 2)
    assert {name: after[name] for name in before} == before


async def test_persons_who_share_an_address_are_found_again_in_a_file_without_ids(
    database: Database, tmp_path: Path
) -> None:
    await take_in(database, tmp_path, EntryKind.PERSON, "id,name,email\n1,Ola,post@x.example\n2,Per,post@x.example\n")

    report = await take_in(database, tmp_path, EntryKind.PERSON, "name,email\nPer,post@x.example\nOla,POST@x.example\n")

    assert (report.added, report.bad) == (0, [])
    assert sorted(await references(database, ParticipantKind.PERSON)) == ["Ola", "Per"]


async def test_an_address_that_another_employee_keeps_is_given_to_nobody_else(
    database: Database, tmp_path: Path
) -> None:
    await take_in(database, tmp_path, EntryKind.EMPLOYEE, "id,name,email\n7,Kari,k@x.example\n9,Ola,o@x.example\n")

    text = "id,name,title,email\n7,Kari,Sjef,O@x.example\n8,Per,Selger,p@x.example\n"
    report = await take_in(database, tmp_path, EntryKind.EMPLOYEE, text)

    assert [(row.line, row.reason, row.partly_in) for row in report.bad] == [
        (2, "has the e-mail address of Ola, who is somebody else and keeps it", False)
    ]
    assert counts(report) == (1, 0, 0)
    assert await addresses(database) == {"Kari": "k@x.example", "Ola": "o@x.example", "Per": "p@x.example"}


@pytest.mark.parametrize(
    ("text", "lines", "after"),
    [
        # Two who change places, and one after the other, in both orders.
        ("7,Kari,o@x.example\n9,Ola,k@x.example\n", [], "o k p"),
        ("7,Kari,o@x.example\n9,Ola,new@x.example\n", [], "o new p"),
        ("9,Ola,new@x.example\n7,Kari,o@x.example\n", [], "o new p"),
        # Nobody gives on what they do not get rid of.
        ("7,Kari,o@x.example\n9,Ola,p@x.example\n", [2, 3], "k o p"),
        ("9,Ola,p@x.example\n7,Kari,o@x.example\n", [2, 3], "k o p"),
        ("7,Kari,o@x.example\n9,Ola,\n", [2], "k o p"),
        ("12,Una,o@x.example\n9,Ola,\n", [2], "k o p"),
        ("7,Kari,k@x.example\n9,Ola,o@x.example\n", [], "k o p"),
    ],
)
@pytest.mark.parametrize("rows_together", [1, 100])
async def test_an_address_is_given_on_by_who_gets_another(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    lines: list[int],
    after: str,
    rows_together: int,
) -> None:
    before = "id,name,email\n7,Kari,k@x.example\n9,Ola,o@x.example\n10,Per,p@x.example\n"
    await take_in(database, tmp_path, EntryKind.EMPLOYEE, before)
    monkeypatch.setattr(people, "_BATCH", rows_together)

    report = await take_in(database, tmp_path, EntryKind.EMPLOYEE, f"id,name,email\n{text}")

    kari, ola, per = (f"{one}@x.example" for one in after.split())
    assert [row.line for row in report.bad] == lines
    assert await addresses(database) == {"Kari": kari, "Ola": ola, "Per": per}


@pytest.mark.parametrize("rows_together", [1, 100])
async def test_who_gets_the_address_of_another_does_not_become_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_together: int
) -> None:
    await take_in(database, tmp_path, EntryKind.EMPLOYEE, "id,name,email\n7,Kari,k@x.example\n")
    before = await references(database, ParticipantKind.EMPLOYEE)
    monkeypatch.setattr(people, "_BATCH", rows_together)

    text = "id,name,email\n12,Una,k@x.example\n7,Kari,new@x.example\n"
    report = await take_in(database, tmp_path, EntryKind.EMPLOYEE, text)

    assert (counts(report), report.bad) == ((1, 1, 0), [])
    assert (await references(database, ParticipantKind.EMPLOYEE))["Kari"] == before["Kari"]
    assert await addresses(database) == {"Kari": "new@x.example", "Una": "k@x.example"}


async def test_persons_may_get_the_address_of_another(database: Database, tmp_path: Path) -> None:
    await take_in(database, tmp_path, EntryKind.PERSON, "id,name,email\n7,Kari,k@x.example\n9,Ola,o@x.example\n")

    report = await take_in(database, tmp_path, EntryKind.PERSON, "id,name,email\n7,Kari,o@x.example\n")

    assert (report.changed, report.bad) == (1, [])


async def test_a_second_employee_of_the_same_address_is_reported(database: Database, tmp_path: Path) -> None:
    text = "id,name,email\n1,Kari,kari@x.example\n2,Ola,KARI@x.example\n,Per,per@x.example\n,Una,per@x.example\n"

    report = await take_in(database, tmp_path, EntryKind.EMPLOYEE, text)

    assert [(row.line, row.reason) for row in report.bad] == [
        (3, "is the same as line 2"),
        (5, "is the same as line 4"),
    ]
    assert sorted(await references(database, ParticipantKind.EMPLOYEE)) == ["Kari", "Per"]


@pytest.mark.parametrize("kind", [EntryKind.PERSON, EntryKind.EMPLOYEE])
@pytest.mark.parametrize("written", ["ukjent", "ola@"])
async def test_an_address_that_is_none_makes_nobody_somebody_else(
    database: Database, tmp_path: Path, kind: EntryKind, written: str
) -> None:
    header = "name,email,title\n"
    await take_in(database, tmp_path, kind, f"{header}Alfa,{written},Sjef\n")

    beta = await take_in(database, tmp_path, kind, f"{header}Beta,{written},Lærling\n")
    alfa = await take_in(database, tmp_path, kind, f"{header}Alfa,{written},Leder\n")

    assert (counts(beta), counts(alfa)) == ((1, 0, 0), (0, 1, 0))
    page = await Directory(database).entries([ParticipantKind(kind.value.upper())], EntryQuery(PageRequest(100)))
    assert [(one.name, one.title, one.email) for one in page.entries] == [
        ("Alfa", "Leder", None),
        ("Beta", "Lærling", None),
    ]


async def test_a_later_file_with_an_address_that_is_none_leaves_the_good_one(
    database: Database, tmp_path: Path
) -> None:
    await take_in(database, tmp_path, EntryKind.PERSON, "id,name,email\n1,Ola,ola@x.example\n")

    report = await take_in(database, tmp_path, EntryKind.PERSON, "id,name,email\n1,Ola,ola@\n")

    assert (counts(report), report.partly_in) == ((0, 0, 1), 1)
    page = await Directory(database).entries([ParticipantKind.PERSON], EntryQuery(PageRequest(100)))
    assert [one.email for one in page.entries] == ["ola@x.example"]
