"""Whose address it is: persons may share one, employees may not."""

from pathlib import Path

from invito.plugins.contract import EntryQuery, PageRequest, ParticipantKind
from invito.services.directory import Directory
from invito.services.importing import ImportReport, import_people
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind


async def take_in(database: Database, folder: Path, kind: EntryKind, text: str) -> ImportReport:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return await import_people(database, kind, path)


async def references(database: Database, kind: ParticipantKind) -> dict[str, str]:
    page = await Directory(database).entries([kind], EntryQuery(PageRequest(100)))
    return {entry.name: entry.reference for entry in page.entries}


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


async def test_a_second_employee_of_the_same_address_is_reported(database: Database, tmp_path: Path) -> None:
    text = "id,name,email\n1,Kari,kari@x.example\n2,Ola,KARI@x.example\n,Per,per@x.example\n,Una,per@x.example\n"

    report = await take_in(database, tmp_path, EntryKind.EMPLOYEE, text)

    assert [(row.line, row.reason) for row in report.bad] == [
        (3, "is the same as line 2"),
        (5, "is the same as line 4"),
    ]
    assert sorted(await references(database, ParticipantKind.EMPLOYEE)) == ["Kari", "Per"]
