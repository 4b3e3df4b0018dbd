"""Pages of available participants, measured in one run on the same rows: by Invito and by those beside it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.bare import Bare
from benchmarks.data import Size
from benchmarks.databases import filled
from benchmarks.pages import BARE, SIZES, Figures, pages, rates
from benchmarks.servers import Client, running, running_mercurius

_INVITO = "Invito"
_MODULES = {
    _INVITO: "benchmarks.servers",
    BARE: "benchmarks.bare_server",
    "Strawberry": "benchmarks.peers.strawberry_peer",
    "Ariadne": "benchmarks.peers.ariadne_peer",
}
_MERCURIUS = "Mercurius"


@dataclass(frozen=True, slots=True)
class PageFigures:
    """By size: medians in milliseconds of one who asks, and pages a second when eight do."""

    size: Size
    medians: dict[int, Figures]
    rates: dict[int, Figures]


async def measure_pages(kind: str, size: Size, *, quick: bool) -> PageFigures:
    """All figures on one kind of database."""
    async with filled(kind, size) as url:
        with _all_running(url) as servers:
            medians = dict(pages(servers, 3 if quick else 41))
            asked = {one: 1 if quick else 6_000 // (one + 100) for one in SIZES}
            return PageFigures(size, medians, {one: rates(servers, one, asks) for one, asks in asked.items()})


@contextmanager
def _all_running(url: str) -> Iterator[dict[str, Client]]:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(running(module, url)) for name, module in _MODULES.items()}
        bare = Bare(url)
        mercurius = None if bare.is_sqlite else stack.enter_context(running_mercurius(url, bare.statements))
        yield servers if mercurius is None else servers | {_MERCURIUS: mercurius}


def show_pages(kind: str, figures: PageFigures) -> None:
    """The figures as two tables."""
    about = (
        f"{figures.size.employees:,} employees with {figures.size.spans:,} spans; ten fields and who is busy. bare: "
        "the same SQL by the driver, orjson, Starlette and uvicorn. Strawberry, Ariadne and Mercurius (graphql-jit) as "
        f"they come, on the same SQL; those three and bare know nothing of viewers, sources or plugins. "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    )
    _show(f"{kind}: a page over HTTP, one connection, medians in ms, in turn", about, figures.medians, inverse=False)
    _show(f"{kind}: pages a second, eight connections, one process each", about, figures.rates, inverse=True)


def _show(title: str, about: str, by_size: dict[int, Figures], *, inverse: bool) -> None:
    """`inverse`: more is better, so that the ratio is turned around."""
    names = list(next(iter(by_size.values())))
    table = Table(title=title, caption=about, title_justify="left", caption_justify="left")
    for heading in ("page of", *names, f"{_INVITO} to {BARE}"):
        table.add_column(heading, justify="right")
    for size, figures in by_size.items():
        ratio = figures[_INVITO] / figures[BARE]
        shown = [f"{figures[name]:.0f}" if inverse else f"{figures[name]:.2f}" for name in names]
        table.add_row(f"{size:,}", *shown, f"{1 / ratio if inverse else ratio:.1f}")
    Console(width=110).print(table)
