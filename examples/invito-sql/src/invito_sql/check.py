"""`invito sql check`: whether the database can be read as the file says, in all the words that the database has."""

import time
from collections.abc import Sequence

import typer
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from invito_sql.snapshot import TooManyRows
from invito_sql.source_file import WrongSourceFile
from invito_sql.sql_source import SqlSource


def checking(sources: Sequence[SqlSource]) -> typer.Typer:
    """The commands of these sources."""
    commands = typer.Typer(help="The company's database.", no_args_is_help=True)

    @commands.callback()
    def group() -> None:
        """The company's database."""

    @commands.command()
    def check() -> None:
        """Run each query once, and say what came of it; the exit code is 1 where one fails."""
        are_right = [_is_right(source) for source in sources]
        raise typer.Exit(0 if all(are_right) else 1)

    return commands


def _is_right(source: SqlSource) -> bool:
    begun = time.monotonic()
    try:
        snapshot = source.read()
        source.try_calendars()
    except (SQLAlchemyError, TooManyRows, WrongSourceFile) as problem:
        said = problem.orig if isinstance(problem, DBAPIError) else problem
        typer.echo(f"{source.key}: {said}", err=True)
        return False
    typer.echo(
        f"{source.key}: {len(snapshot.entries.items):,} entries, {len(snapshot.containers.items):,} containers, "
        f"{snapshot.left_out:,} rows left out, read in {time.monotonic() - begun:.1f} s"
    )
    if snapshot.wrong_zones:
        typer.echo(
            f"{source.key}: {snapshot.wrong_zones:,} entries have a time_zone that is no name of the IANA's, such as "
            "Europe/Oslo: it is left out"
        )
    return True
