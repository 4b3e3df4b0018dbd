"""`invito settings`."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import make_url

from invito.cli.ending import expected_problems
from invito.cli.plugin_option import Demo
from invito.cli.tables import print_table
from invito.settings import read_settings
from invito.settings_table import as_markdown, setting_rows
from invito.variables import variable_of


def settings(
    markdown: Annotated[bool, typer.Option(help="The table of the README, with the defaults.")] = False,
    demo: Demo = False,
) -> None:
    """List the settings, what each is for, and what it is now."""
    if markdown:
        typer.echo(as_markdown())
        return
    with expected_problems():
        present = read_settings()
        present = present.for_demo().reached_where_it_listens() if demo else present
    table = Table("variable", "now", "", show_lines=True)
    for row in setting_rows(present):
        is_url = row.variable == variable_of("database_url")
        value = make_url(row.value).render_as_string(hide_password=True) if is_url else row.value
        # As text: what stands in brackets is no mark-up.
        table.add_row(row.variable, Text(value), Text(row.description.replace("`", "")))
    print_table(table)
