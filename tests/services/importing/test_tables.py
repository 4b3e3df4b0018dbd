"""CSV files of spreadsheets and address books: columns are known by several names, and nothing is lost silently."""

from pathlib import Path

import pytest

from invito.services.importing import (
    BadRow,
    PersonRow,
    import_people,
    import_resources,
    import_selections,
    read_people,
)
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def read(path: Path, text: str) -> tuple[list[PersonRow | BadRow], list[str]]:
    """The rows, and what is noted."""
    notes: list[str] = []
    return list(read_people(written(path, text), notes)), notes


def person(rows: list[PersonRow | BadRow]) -> PersonRow:
    (row,) = rows
    assert isinstance(row, PersonRow)
    return row


def test_an_export_of_google_contacts_is_understood(tmp_path: Path) -> None:
    columns = "First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Labels,E-mail 1 - Value"
    values = "Kari,Anne,Nordmann,Kari,Acme,Leder,* myContacts ::: Salg ::: Drift,kari@x.example ::: k@x.example"

    rows, notes = read(tmp_path / "contacts.csv", f"{columns}\r\n{values}\r\n")

    kari = person(rows)
    assert (kari.name, kari.company, kari.title, kari.email) == (
        "Kari Anne Nordmann",
        "Acme",
        "Leder",
        "kari@x.example",
    )
    assert kari.groups == ("Salg", "Drift")
    assert notes == ["Nothing is taken from the columns Nickname."]


def test_an_older_export_of_google_contacts_is_understood(tmp_path: Path) -> None:
    columns = (
        "Name,Given Name,Family Name,Group Membership,E-mail 1 - Value,Organization 1 - Name,Organization 1 - Title"
    )

    rows, _ = read(tmp_path / "google.csv", f"{columns}\nKari Nordmann,Kari,Nordmann,Salg,kari@x.example,Acme,Leder\n")

    kari = person(rows)
    assert (kari.name, kari.company, kari.title, kari.groups) == ("Kari Nordmann", "Acme", "Leder", ("Salg",))


@pytest.mark.parametrize(
    "columns",
    [
        '"Title","First Name","Last Name","Company","Job Title","Categories","E-mail Address","E-mail 2 Address"',
        '"Tittel","Fornavn","Etternavn","Firma","Stilling","Kategorier","E-postadresse","E-mail 2 Address"',
    ],
)
def test_an_export_of_outlook_is_understood_whose_title_is_a_form_of_address(tmp_path: Path, columns: str) -> None:
    values = '"Dr.","Kari","Nordmann","Acme","Leder","Salg;Drift","","kari@x.example"'

    rows, _ = read(tmp_path / "outlook.csv", f"{columns}\r\n{values}\r\n")

    kari = person(rows)
    assert (kari.name, kari.company, kari.title, kari.email) == ("Kari Nordmann", "Acme", "Leder", "kari@x.example")
    assert kari.groups == ("Salg", "Drift")


def test_a_first_line_of_excel_says_what_divides_and_lines_are_counted_with_it(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", "sep=;\r\nname;email,title\r\nKari;x\r\n;\r\n;y\r\n")

    assert [(row.line, isinstance(row, BadRow)) for row in rows] == [(3, False), (5, True)]


def test_columns_without_a_known_name_are_told_by_name_or_number(tmp_path: Path) -> None:
    _, notes = read(tmp_path / "a.csv", "name,,phone, ,notes\nKari,1,2,3,4\n")

    assert notes == [
        "Nothing is taken from columns without a name: number 2, 4.",
        "Nothing is taken from the columns phone, notes.",
    ]


def test_a_row_with_too_many_fields_is_told_and_one_with_too_few_is_taken(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", "name,email,title\nKari\nOla,ola@x.example,Leder,Bergen\nPer,,,,\n")

    assert [row.name if isinstance(row, PersonRow) else row.reason for row in rows] == [
        "Kari",
        "has 4 fields where there are 3 columns",
        "Per",
    ]


def test_a_quotation_mark_that_is_never_closed_is_told_with_what_it_costs(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "a.csv", 'name\nOla\n"Kari\nPer\n')

    reason = "opens a quotation mark that is never closed: it is left out, with all that follows"
    assert rows[1:] == [BadRow(3, reason)]


async def test_what_is_of_no_use_in_a_row_is_told_and_the_row_goes_in(database: Database, tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv",
        "name,email,language\nKari,kari@,nb-NO\nOla,ola@x.example,Norwegian (Bokmål)\nPer,per@x.example,tlh\n",
    )

    report = await import_people(database, EntryKind.PERSON, path)

    assert [(row.line, row.partly_in) for row in report.bad] == [(2, True), (4, True)]
    assert "kari@" in report.bad[0].reason
    assert "tlh; there are nb and en" in report.bad[1].reason
    assert (report.added, report.partly_in, report.left_out) == (3, 2, 0)


async def test_an_address_twice_in_one_file_is_told(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "name,email\nKari,kari@x.example\nKari N,KARI@x.example\n")

    report = await import_people(database, EntryKind.EMPLOYEE, path)

    assert report.bad == [BadRow(3, "is the same as line 2")]
    assert (report.added, report.left_out) == (1, 1)


async def test_resources_of_an_unknown_type_or_capacity_are_told(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "name,type,capacity,colour\nFjorden,castle,\nTinden,location,some\nSalen,,8\n")

    report = await import_resources(database, path)

    assert [row.line for row in report.bad] == [2, 3]
    assert (report.added, report.left_out) == (1, 2)
    assert report.notes == ["Nothing is taken from the columns colour."]


async def test_members_that_a_saved_search_names_are_told(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "name,search,members\nLeaders,leder,kari@x.example\nNobody,,kari@x.example\n")

    report = await import_selections(database, path)

    assert [(row.line, row.partly_in) for row in report.bad] == [(2, True), (3, True)]
    assert "saved search" in report.bad[0].reason
    assert "nobody has the address kari@x.example" in report.bad[1].reason


def test_a_card_that_ends_without_having_begun_is_told(tmp_path: Path) -> None:
    whole = "BEGIN:VCARD\nVERSION:3.0\nFN:Ola\nEND:VCARD\n"

    rows, _ = read(tmp_path / "a.vcf", f"VERSION:3.0\nFN:Kari\nEND:VCARD\n{whole}BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n")

    assert [(row.line, isinstance(row, BadRow)) for row in rows] == [(3, True), (4, False), (8, True)]
