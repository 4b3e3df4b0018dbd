"""`invito import`: one command a kind of file."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.engine import make_url

from invito.cli.database_files import is_missing_file
from invito.cli.database_standing import bring_up_to_date, expect_ready
from invito.cli.ending import end, expected_problems
from invito.services.importing import (
    ImportReport,
    UnreadableFile,
    find_calendar_owner,
    import_calendar,
    import_people,
    import_projects,
    import_resources,
    import_selections,
    read_people,
)
from invito.services.importing.reports import Progress as Told
from invito.services.importing.tables import read_table
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings, read_settings

imports = typer.Typer(
    name="import",
    help="Take in files of other programs. What cannot go in is told with its line and reason, and the rest goes in; a "
    "second import of the same file changes nothing. Columns have English or Norwegian names, or those of Google "
    "Contacts and Outlook, and commas, semicolons or tabs divide them. Ends with 0 where all went in, with 1 where "
    "something did not.",
    no_args_is_help=True,
)

Import = Callable[[Database, Told], Awaitable[ImportReport]]
# The rows of a file: reading them tells whether it can be taken in at all.
Rows = Callable[[], Iterable[object]]
File = Annotated[Path, typer.Argument(help="The file to take in.", exists=True, dir_okay=False, readable=True)]
Demo = Annotated[bool, typer.Option("--demo", help="Into the database of `invito serve --demo`.")]


@imports.command()
def employees(file: File, demo: Demo = False) -> None:
    """Take in employees with their groups, from vCard (.vcf) or CSV.

    Columns, one of name, last_name, first_name and email at least:
    name (or first_name, middle_name, last_name), email, title,
    groups (several divided by semicolons), language (nb or en),
    time_zone (such as Europe/Oslo), id (what they are found again by;
    else email, else name).
    """
    _take_in(file, demo, lambda database, told: import_people(database, EntryKind.EMPLOYEE, file, told), _people(file))


@imports.command()
def persons(file: File, demo: Demo = False) -> None:
    """Take in persons outside with their companies, from vCard (.vcf) or CSV.

    Columns, one of name, last_name, first_name and email at least:
    name (or first_name, middle_name, last_name), email, title,
    company (one alone is a company of its own), language (nb or en),
    time_zone (such as Europe/Oslo), id (what they are found again by;
    else email, else name).
    """
    _take_in(file, demo, lambda database, told: import_people(database, EntryKind.PERSON, file, told), _people(file))


@imports.command()
def resources(file: File, demo: Demo = False) -> None:
    """Take in resources with their groups, from CSV.

    Columns, name at least: name, type (location or other), address,
    groups (several divided by semicolons), capacity,
    id (what they are found again by; else name).
    """
    _take_in(file, demo, lambda database, told: import_resources(database, file, told), _named(file))


@imports.command()
def projects(file: File, demo: Demo = False) -> None:
    """Take in projects with their members, from CSV.

    Columns, name at least: name, description, id,
    members (addresses of people who are there already, several divided
    by semicolons, or one a row with the name repeated).
    """
    _take_in(file, demo, lambda database, told: import_projects(database, file, told), _named(file))


@imports.command()
def selections(file: File, demo: Demo = False) -> None:
    """Take in selections, fixed with their members or saved searches, from CSV.

    Columns, name at least: name, description, id, and members as of
    projects, or for a saved search: search (beginnings of words),
    kinds (employee, person), company, groups, title.
    """
    _take_in(file, demo, lambda database, told: import_selections(database, file, told), _named(file))


@imports.command()
def busy(
    file: File,
    of: Annotated[str, typer.Option("--of", help="Whose they are: an employee's address, or a resource's name.")],
    calendar: Annotated[
        str | None,
        typer.Option(help="Which of their calendars it is, in place of the file's name: its times replace those."),
    ] = None,
    demo: Demo = False,
) -> None:
    """Take in the busy times of an employee or a resource, from iCalendar (.ics).

    A newer file takes the place of the older one of the same calendar; their other calendars stay.
    """

    async def take_in(database: Database, told: Told) -> ImportReport:
        owner = await find_calendar_owner(database, of)
        return await import_calendar(database, owner, file, told, calendar=calendar, zone=read_settings().time_zone)

    _take_in(file, demo, take_in, None)


def _people(file: Path) -> Rows:
    return lambda: read_people(file)


def _named(file: Path) -> Rows:
    return lambda: read_table(file, "name").rows


def _take_in(file: Path, demo: bool, take_in: Import, rows: Rows | None) -> None:
    """Without `rows` the file is about somebody who is there already."""
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        try:
            report = asyncio.run(_with_progress(settings, file.name, take_in, rows))
        except UnreadableFile as problem:
            end(str(problem))
    console = Console(soft_wrap=True, highlight=False)
    for row in report.bad:
        console.print(f"{file}:{row.line}: {row.reason}", style="yellow", markup=False)
    for note in report.notes:
        console.print(note, markup=False)
    console.print(_counted(report), markup=False)
    kept = make_url(settings.database_url).render_as_string(hide_password=True)
    console.print(f"Kept in {kept}.", markup=False)
    raise typer.Exit(1 if report.bad else 0)


def _counted(report: ImportReport) -> str:
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
    removed = f", {report.removed} removed" if report.removed else ""
    partly = f" Of those that went in, {report.partly_in} did only in part." if report.partly_in else ""
    return f"{counts}{removed}, {report.left_out} not taken in.{partly}"


async def _with_progress(settings: Settings, name: str, take_in: Import, rows: Rows | None) -> ImportReport:
    await _make_ready(settings, rows)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    database = Database(settings.database_url)
    try:
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(name, total=None)
            return await take_in(database, lambda done, total: bar.update(task, completed=done, total=total))
    finally:
        await database.close()


async def _make_ready(settings: Settings, rows: Rows | None) -> None:
    """Make the database, or migrate it. A file that cannot be taken in makes none.

    :raises UnreadableFile: there is no database, and this file would be none for it.
    """
    if is_missing_file(settings.database_url):
        if rows is None:
            await expect_ready(settings)
        else:
            deque(rows(), maxlen=0)
    await bring_up_to_date(settings.database_url)
