"""People come in from vCard and CSV files, whichever program wrote them."""

from pathlib import Path

import pytest
import vobject
from sqlalchemy import insert, select

from invito.plugins.contract import Entry, EntryQuery, Language, PageRequest, ParticipantKind
from invito.services.busy.references import intern
from invito.services.directory import Directory
from invito.services.importing import UnreadableFile, import_people
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.services.storage.follow_up_tables import OwnerRow

CARD = """BEGIN:VCARD
VERSION:{version}
UID:{uid}
FN:{name}
N:;{name};;;
EMAIL;TYPE=home:other-{uid}@x.example
EMAIL;{preferred}:{uid}@x.example
ORG:Fjord\\; Fjell AS;Salg
TITLE:Selger
CATEGORIES:Salg,Ledelse
END:VCARD
"""


async def listed(database: Database, *kinds: ParticipantKind) -> list[Entry]:
    return list((await Directory(database).entries(kinds, EntryQuery(PageRequest(500)))).entries)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("version", "preferred"), [("3.0", "TYPE=WORK,PREF"), ("4.0", "PREF=1")])
async def test_employees_come_from_vcards_with_their_groups_in_order(
    database: Database, tmp_path: Path, version: str, preferred: str
) -> None:
    path = write(tmp_path, "a.vcf", CARD.format(version=version, uid="kari", name="Kari Nordmann", preferred=preferred))

    report = await import_people(database, EntryKind.EMPLOYEE, path)

    assert (report.added, report.bad) == (1, [])
    (kari,) = await listed(database, ParticipantKind.EMPLOYEE)
    assert (kari.name, kari.email, kari.title) == ("Kari Nordmann", "kari@x.example", "Selger")
    assert kari.groups == ("Salg", "Ledelse")


async def test_persons_come_with_their_companies(database: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.vcf",
        CARD.format(version="4.0", uid="ola", name="Ola", preferred="PREF=1")
        + "BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Bakeren AS\nEMAIL:post@bakeren.example\nEND:VCARD\n",
    )

    await import_people(database, EntryKind.PERSON, path)

    persons = {one.name: one for one in await listed(database, ParticipantKind.PERSON, ParticipantKind.COMPANY)}
    assert sorted(persons) == ["Bakeren AS", "Fjord; Fjell AS", "Ola"]
    assert persons["Ola"].organization == "Fjord; Fjell AS"
    assert persons["Bakeren AS"].kind is ParticipantKind.COMPANY


async def test_what_vobject_writes_is_read(database: Database, tmp_path: Path) -> None:
    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(family="Ødegård", given="Åse")
    card.add("fn").value = "Åse Ødegård"
    card.add("email").value = "ase@x.example"
    card.add("org").value = ["Vik, Dal & Co"]
    path = write(tmp_path, "exported.vcf", card.serialize())

    await import_people(database, EntryKind.PERSON, path)

    (ase,) = await listed(database, ParticipantKind.PERSON)
    assert (ase.name, ase.email, ase.organization) == ("Åse Ødegård", "ase@x.example", "Vik, Dal & Co")


async def test_a_bad_card_is_reported_with_its_line_and_spoils_no_other(database: Database, tmp_path: Path) -> None:
    good = CARD.format(version="3.0", uid="{}", name="{}", preferred="TYPE=PREF")
    path = write(
        tmp_path,
        "a.vcf",
        good.replace("{}", "a")
        + "BEGIN:VCARD\nVERSION:3.0\nFN:Bad\nthis is no line of a card\nEND:VCARD\n"
        + "BEGIN:VCARD\nVERSION:2.1\nFN:Old\nEND:VCARD\n"
        + "BEGIN:VCARD\nVERSION:3.0\nFN:\nEND:VCARD\n"
        + good.replace("{}", "b")
        + "BEGIN:VCARD\nVERSION:3.0\nFN:Open",
    )

    report = await import_people(database, EntryKind.PERSON, path)

    assert report.added == 2
    assert [row.line for row in report.bad] == [12, 17, 21, 36]
    assert "2.1" in report.bad[1].reason


@pytest.mark.parametrize("kind", [EntryKind.EMPLOYEE, EntryKind.PERSON])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.vcf", CARD.format(version="3.0", uid="a", name="Ada", preferred="TYPE=PREF")),
        (
            "a.csv",
            "name;email;company;groups\nAda;a@x.example;Acme;Salg;\nPost 1;post@x.example;;\nPost 2;post@x.example;;\n",
        ),
    ],
)
async def test_a_second_import_of_the_same_file_changes_nothing(
    database: Database, tmp_path: Path, kind: EntryKind, name: str, text: str
) -> None:
    path = write(tmp_path, name, text)
    first = await import_people(database, kind, path)
    before = await listed(database, *list(ParticipantKind)[:4])

    second = await import_people(database, kind, path)

    assert (second.added, second.changed, second.unchanged) == (0, 0, first.added)
    assert await listed(database, *list(ParticipantKind)[:4]) == before


async def test_csv_files_of_spreadsheets_are_read_in_either_language(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "folk.csv"
    path.write_bytes(
        "Fornavn;Etternavn;E-post;Tittel;Grupper;Språk\r\nKåre;Ås;kare@x.example;Sjef;Salg;nb\r\n".encode("cp1252")
    )

    report = await import_people(database, EntryKind.EMPLOYEE, path)

    (kare,) = await listed(database, ParticipantKind.EMPLOYEE)
    assert report.added == 1
    assert (kare.name, kare.email, kare.groups, kare.language) == ("Kåre Ås", "kare@x.example", ("Salg",), Language.NB)


async def test_a_bad_row_of_a_csv_file_is_reported_with_its_line(database: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        'name,email,time_zone\n,,\n"Two\nlines",two@x.example,\n,,Europe/Oslo\nZoe,z@x.example,Mars/Base\n'
        f"Ok,ok@x.example,Europe/Oslo\nOk,OK@x.example,\n{'n' * 301},n@x.example,\na,b,c,d\n",
    )

    report = await import_people(database, EntryKind.PERSON, path)

    assert report.added == 3
    assert [row.line for row in report.bad if not row.partly_in] == [5, 8, 9, 10]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "name,email,language,time_zone,title\nZoe,zoe@,klingon,Mars/Base,Leder\n"),
        (
            "a.vcf",
            "BEGIN:VCARD\nVERSION:4.0\nFN:Zoe\nEMAIL:zoe@\nLANG:klingon\nTZ:Mars/Base\nTITLE:Leder\nEND:VCARD\n",
        ),
    ],
)
async def test_a_row_goes_in_without_what_is_wrong_and_all_of_that_is_told(
    database: Database, tmp_path: Path, name: str, text: str
) -> None:
    report = await import_people(database, EntryKind.PERSON, write(tmp_path, name, text))

    (zoe,) = await listed(database, ParticipantKind.PERSON)
    assert (zoe.name, zoe.title, zoe.email, zoe.language, zoe.time_zone) == ("Zoe", "Leder", None, None, None)
    assert (report.added, report.left_out, report.partly_in) == (1, 0, 1)
    assert [word for word in ("zoe@", "klingon", "Mars/Base") if any(word in row.reason for row in report.bad)] == [
        "zoe@",
        "klingon",
        "Mars/Base",
    ]


async def test_an_employee_is_found_again_by_address_and_changed(database: Database, tmp_path: Path) -> None:
    await import_people(
        database, EntryKind.EMPLOYEE, write(tmp_path, "a.csv", "name,email\nKari Nordmann,kari@x.example\n")
    )
    newer = CARD.format(version="3.0", uid="kari", name="Kari Holm", preferred="TYPE=PREF")

    report = await import_people(database, EntryKind.EMPLOYEE, write(tmp_path, "b.vcf", newer))

    assert (report.added, report.changed) == (0, 1)
    (kari,) = await listed(database, ParticipantKind.EMPLOYEE)
    assert (kari.name, kari.groups) == ("Kari Holm", ("Salg", "Ledelse"))


async def test_changed_groups_are_renewed_where_the_employee_owns_follow_ups(
    database: Database, tmp_path: Path
) -> None:
    rows = "name,email,groups\nKari,kari@x.example,{}\n"
    await import_people(database, EntryKind.EMPLOYEE, write(tmp_path, "a.csv", rows.format("Salg")))
    (kari,) = await listed(database, ParticipantKind.EMPLOYEE)
    async with database.write() as connection:
        reference = (await intern(connection, [kari.reference]))[kari.reference]
        row = {
            "reference_id": reference,
            "name": "Kari",
            "email": None,
            "groups": ["Salg"],
            "first_group": kari.group_keys[0],
        }
        await connection.execute(insert(OwnerRow).values(row))

    report = await import_people(database, EntryKind.EMPLOYEE, write(tmp_path, "a.csv", rows.format("Drift;SALG")))

    assert report.changed == 1
    async with database.read() as connection:
        owner = (await connection.execute(select(OwnerRow.groups, OwnerRow.first_group))).one()
    (kari,) = await listed(database, ParticipantKind.EMPLOYEE)
    assert tuple(owner) == (["Drift", "Salg"], kari.group_keys[0])


@pytest.mark.parametrize(("name", "text"), [("a.csv", "x;y\n1;2\n"), ("a.vcf", "hello"), ("a.pdf", "hello")])
async def test_a_file_of_another_kind_is_refused_as_a_whole(
    database: Database, tmp_path: Path, name: str, text: str
) -> None:
    path = write(tmp_path, name, text)

    with pytest.raises(UnreadableFile):
        await import_people(database, EntryKind.PERSON, path)


async def test_progress_tells_how_many_rows_are_done(database: Database, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write(tmp_path, "a.csv", "name\n" + "".join(f"Person {number}\n" for number in range(2_500)))

    await import_people(database, EntryKind.PERSON, path, lambda done, total: told.append((done, total)))

    assert told == [(2_000, 2_500), (2_500, 2_500)]
