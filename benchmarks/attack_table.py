"""Expensive queries, sent to a process that has the limits it has by itself."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.attacks import AT_THE_LIMIT, BEYOND, Answered, attacked
from benchmarks.data import Size
from benchmarks.databases import filled
from benchmarks.servers import running

_PEOPLE = Size(employees=10, persons=0, spans=0)


async def measure_attacks(*, quick: bool) -> list[list[Answered]]:
    """Those beyond the limits, and those at them."""
    async with filled("SQLite", _PEOPLE) as url:
        with running("benchmarks.attacked_server", url) as client:
            return [list(attacked(client, attacks, 1 if quick else 15)) for attacks in (BEYOND, AT_THE_LIMIT)]


def show_attacks(figures: Sequence[Sequence[Answered]]) -> None:
    """The figures as a table."""
    table = Table(
        title="Expensive queries over HTTP: medians in ms, in turn with a small query",
        caption="Lag: the longest that somebody waits meanwhile who asks /healthz without a pause. "
        f"{os.cpu_count()} cores for all, load {os.getloadavg()[0]:.1f} at the end.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("what", "answer", "takes", "small", "ratio", "lag", "small"):
        table.add_column(heading, justify="left" if heading in ("what", "answer") else "right")
    for answers in figures:
        for one in answers:
            times = (one.attack, one.small, one.attack / one.small, one.lag, one.small_lag)
            table.add_row(one.label, one.answer, *(f"{time:.1f}" for time in times))
        table.add_section()
    Console(width=130).print(table)
