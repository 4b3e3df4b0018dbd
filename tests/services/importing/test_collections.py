"""Resources, projects and selections come in from CSV files."""

from pathlib import Path

from invito.plugins.contract import ContainerKind, ContainerQuery, EntryQuery, PageRequest, ParticipantKind
from invito.services.directory import Directory
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.importing import ImportReport, import_projects, import_resources, import_selections
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind

FIRST = PageRequest(100)


def write(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


async def add_people(database: Database) -> None:
    async with database.write() as connection:
        (acme,) = await add_entries(connection, [NewEntry(EntryKind.COMPANY, "Acme AS", "post@acme.example")])
        await add_entries(
            connection,
            [
                NewEntry(EntryKind.EMPLOYEE, "Kari", "kari@x.example"),
                NewEntry(EntryKind.PERSON, "Kari as a person", "KARI@x.example"),
                NewEntry(EntryKind.PERSON, "Ola", "ola@x.example", "Daglig leder", acme),
                NewEntry(EntryKind.PERSON, "Per 1", "both@x.example"),
                NewEntry(EntryKind.PERSON, "Per 2", "both@x.example"),
            ],
        )


async def members(database: Database, kind: ContainerKind) -> dict[str, list[str]]:
    directory = Directory(database)
    found = {}
    for container in (await directory.containers(kind, ContainerQuery(FIRST))).containers:
        page = await directory.members(kind, EntryQuery(FIRST, container.id))
        found[container.name] = [entry.name for entry in page.entries]
    return found


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.changed, report.unchanged


async def test_resources_come_with_type_group_address_and_capacity(database: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "name,type,group,address,capacity\nFjorden,Location,Rooms,Storgata 1,12\nProjector,other,Things,,\n"
        "Bad,spaceship,,,\nWorse,location,,,many\n",
    )

    first, second = await import_resources(database, path), await import_resources(database, path)

    assert (counts(first), [row.line for row in first.bad]) == ((2, 0, 0), [4, 5])
    assert counts(second) == (0, 0, 2)
    page = await Directory(database).entries([ParticipantKind.RESOURCE], EntryQuery(FIRST))
    assert [(entry.name, entry.place) for entry in page.entries] == [
        ("Fjorden", "Fjorden, Storgata 1"),
        ("Projector", None),
    ]
    assert await members(database, ContainerKind.RESOURCE_GROUP) == {"Rooms": ["Fjorden"], "Things": ["Projector"]}


async def test_projects_come_with_members_in_one_row_or_several(database: Database, tmp_path: Path) -> None:
    await add_people(database)
    path = write(
        tmp_path,
        "name;description;members\nBridge;A bridge;kari@x.example\nBridge;;OLA@x.example\n"
        'Tunnel;;"kari@x.example; nobody@x.example"\nFerry;;both@x.example\n',
    )

    first, second = await import_projects(database, path), await import_projects(database, path)

    assert (counts(first), [row.line for row in first.bad]) == ((3, 0, 0), [4, 5])
    assert counts(second) == (0, 0, 3)
    assert await members(database, ContainerKind.PROJECT) == {
        "Bridge": ["Kari", "Ola"],
        "Ferry": [],
        "Tunnel": ["Kari"],
    }


async def test_a_project_whose_members_are_others_now_is_changed(database: Database, tmp_path: Path) -> None:
    await add_people(database)
    await import_projects(database, write(tmp_path, "name;members\nBridge;kari@x.example\n"))

    report = await import_projects(database, write(tmp_path, "name;members\nBridge;ola@x.example\n"))

    assert counts(report) == (0, 1, 0)
    assert await members(database, ContainerKind.PROJECT) == {"Bridge": ["Ola"]}


async def test_selections_are_fixed_or_saved_searches(database: Database, tmp_path: Path) -> None:
    await add_people(database)
    path = write(
        tmp_path,
        "name,members,search,kinds,company,title\nFixed,ola@x.example,,,,\nLeaders,,,,Acme AS,led\n"
        "Karis,,kar,person,,\nLost,,,,Nowhere AS,\nOdd,,,robot,,\n",
    )

    first, second = await import_selections(database, path), await import_selections(database, path)

    assert (counts(first), [row.line for row in first.bad]) == ((3, 0, 0), [5, 6])
    assert counts(second) == (0, 0, 3)
    assert await members(database, ContainerKind.SELECTION) == {
        "Fixed": ["Ola"],
        "Karis": ["Kari as a person"],
        "Leaders": ["Ola"],
    }
