"""Tables that cut nothing."""

from rich.console import Console
from rich.table import Table

_ENDLESS = 100_000


def print_table(table: Table, console: Console | None = None) -> None:
    """On a terminal what is too wide goes on in the next line; elsewhere, for grep and its like, a row is a line."""
    for column in table.columns:
        column.overflow = "fold"
    console = console or Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = console.measure(table, options=console.options.update(max_width=_ENDLESS)).maximum
    console.print(table)
