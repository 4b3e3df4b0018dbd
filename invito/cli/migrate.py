"""`invito migrate`."""

import asyncio

import typer

from invito.cli.database_standing import bring_up_to_date
from invito.cli.ending import expected_problems
from invito.settings import read_settings


def migrate() -> None:
    """Bring the database to what this version needs. `invito serve` does so by itself."""
    with expected_problems():
        settings = read_settings()
        before = asyncio.run(bring_up_to_date(settings.database_url))
    done = "was up to date" if before.is_current else f"came from {before.current or 'nothing'}"
    typer.echo(f"The database is at {before.needed}; it {done}.")
