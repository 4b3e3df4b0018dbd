"""`make bench`: everything in one run, on SQLite and PostgreSQL. `--quick` measures on few rows."""

import argparse
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.answers import answering
from benchmarks.attack_table import measure_attacks, show_attacks
from benchmarks.bare import Bare
from benchmarks.data import Size
from benchmarks.databases import POSTGRES_SERVER, empty, filled
from benchmarks.inviting import inviting
from benchmarks.page_table import measure_pages, show_pages
from benchmarks.plugin_layer import Beside, CallCost, besides, call_costs, check_cost, start_seconds
from benchmarks.queries import conflicts, searching
from benchmarks.sending import Rate, sending
from benchmarks.servers import running
from benchmarks.taking_in import taking_in
from benchmarks.timing import Pair
from invito.services.storage.database import Database

_PEOPLE = Size(employees=100_000, persons=0, spans=1_000_000)
_NAMES = Size(employees=0, persons=1_000_000, spans=0)
_QUICK_PEOPLE = Size(employees=2_000, persons=0, spans=5_000)
_QUICK_NAMES = Size(employees=0, persons=3_000, spans=0)

Measured = list[tuple[str, Pair]]


async def measure(kind: str, *, quick: bool) -> Measured:
    """All figures on one kind of database."""
    rounds = 3 if quick else 21
    results: Measured = []
    async with filled(kind, _QUICK_PEOPLE if quick else _PEOPLE) as url:
        with running("benchmarks.servers", url) as invito, running("benchmarks.bare_server", url) as bare_server:
            results.append(("inviting 100, over HTTP", inviting(invito, bare_server, rounds)))
        async with _both(url) as (database, bare):
            counts = (50, 500, 2_000) if quick else (50, 5_000, 10_000)
            async for label, pair in conflicts(database, bare, counts, rounds):
                results.append((f"conflicts of {label}", pair))
    async with filled(kind, _QUICK_NAMES if quick else _NAMES) as url, _both(url) as (database, bare):
        results += [(f"first 50 by name: {label}", pair) for label, pair in await searching(database, bare, 3)]
    return results


async def measure_mail(kind: str, *, quick: bool) -> list[Rate]:
    """How many mails a second go out on one kind of database."""
    return [rate async for rate in sending(partial(empty, kind), quick=quick)]


async def measure_answers(kind: str, *, quick: bool) -> list[Rate]:
    """How many answers a second are taken in on one kind of database."""
    return [rate async for rate in taking_in(partial(empty, kind), quick=quick)]


async def measure_ways(kind: str, *, quick: bool) -> Measured:
    """How long answers by mail take on one kind of database, by each way in."""
    with tempfile.TemporaryDirectory() as folder:
        async with empty(kind) as url:
            return await answering(url, Path(folder), 2 if quick else 9)


@asynccontextmanager
async def _both(url: str) -> AsyncIterator[tuple[Database, Bare]]:
    database, bare = Database(url), Bare(url)
    await bare.open()
    try:
        yield database, bare
    finally:
        await bare.close()
        await database.close()


def show(kind: str, results: Measured, *, quick: bool) -> None:
    """The figures as a table."""
    people, names = (_QUICK_PEOPLE, _QUICK_NAMES) if quick else (_PEOPLE, _NAMES)
    table = Table(
        title=f"{kind}: medians in ms, in turn, one connection",
        caption=f"{people.employees:,} employees with {people.spans:,} spans; search over {names.persons:,} names. "
        "Over HTTP: beside the same SQL and orjson on Starlette and uvicorn; else beside the driver in process, "
        "with the same plans by hand. "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("what", "Invito", "bare driver (+ orjson)", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for label, pair in results:
        table.add_row(label, f"{pair.ours:.2f}", f"{pair.theirs:.2f}", f"{pair.ratio:.1f}")
    Console(width=110).print(table)


def show_mail(kind: str, rates: list[Rate]) -> None:
    """The rates as a table."""
    _show_rates(
        f"{kind}: invitations built and handed to an SMTP server on this machine, a second",
        "Workers are processes with four connections each; beside aiosmtplib alone with four, which hands over bytes "
        "that are there.",
        "aiosmtplib",
        rates,
    )


def show_answers(kind: str, rates: list[Rate]) -> None:
    """The rates of answers as a table."""
    _show_rates(
        f"{kind}: answers taken in, from the mail that was kept to the status and the word to the owner, a second",
        "A worker is a process that takes in and one that reads, one answer after the other; beside one process that "
        "reads the same mails with email and icalendar, and does nothing with them.",
        "email + icalendar",
        rates,
    )


def _show_rates(title: str, about: str, theirs: str, rates: list[Rate]) -> None:
    table = Table(
        title=title,
        caption=f"{about} {os.cpu_count()} cores for all, load {os.getloadavg()[0]:.1f} at the end.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("what", "Invito", theirs, "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for rate in rates:
        table.add_row(rate.label, f"{rate.ours:.0f}", f"{rate.theirs:.0f}", f"{rate.ratio:.2f}")
    Console(width=110).print(table)


@dataclass(frozen=True, slots=True)
class PluginFigures:
    """What the plugin layer costs."""

    calls: list[CallCost]
    besides: list[Beside]
    check_microseconds: float
    start_seconds: float


async def measure_plugins(*, quick: bool) -> PluginFigures:
    """All figures of the plugin layer, without any database."""
    calls = await call_costs(50 if quick else 5_000)
    return PluginFigures(calls, await besides(2 if quick else 100), check_cost(5 if quick else 300), start_seconds(50))


def show_plugins(figures: PluginFigures) -> None:
    """The figures as two tables."""
    calls = Table(
        title="A call of a plugin: medians in µs, in turn, without I/O",
        caption=f"Looking at a page of 500 takes {figures.check_microseconds:.2f} µs an entry; loading 50 plugins "
        f"{figures.start_seconds * 1_000:.0f} ms. Load {os.getloadavg()[0]:.1f} at the end.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("what", "Invito", "the bare method", "cost"):
        calls.add_column(heading, justify="left" if heading == "what" else "right")
    for call in figures.calls:
        calls.add_row(call.label, f"{call.through:.1f}", f"{call.bare:.1f}", f"{call.cost:.1f}")
    healthy = Table(
        title="A healthy plugin that answers within 2 ms, beside one that …: medians in µs",
        caption="One interpreter cannot keep apart what computes: it has the interpreter for 5 ms at a time.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("what", "beside it", "alone", "ratio"):
        healthy.add_column(heading, justify="left" if heading == "what" else "right")
    for one in figures.besides:
        healthy.add_row(f"… {one.label}", f"{one.beside:.0f}", f"{one.alone:.0f}", f"{one.ratio:.2f}")
    console = Console(width=110)
    console.print(calls)
    console.print(healthy)


def show_ways(kind: str, results: Measured) -> None:
    """The times as a table."""
    table = Table(
        title=f"{kind}: an answer by mail, from OpenSMTPD's 250 to the event of a subscription, medians in ms",
        caption="Beside the same mail to somebody who does nothing but take it, at the same servers: Dovecot tells who "
        f"idles half a second later. {os.cpu_count()} cores for all, load {os.getloadavg()[0]:.1f} at the end.",
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("by", "Invito", "the mail alone", "of it Invito's"):
        table.add_column(heading, justify="left" if heading == "by" else "right")
    for way, pair in results:
        table.add_row(way, f"{pair.ours:.0f}", f"{pair.theirs:.0f}", f"{pair.ours - pair.theirs:.0f}")
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="on few rows, to see that it runs")
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL"), help="on one kind of database alone")
    parser.add_argument("--pages", action="store_true", help="pages of participants alone")
    parser.add_argument("--mail", action="store_true", help="mail alone")
    parser.add_argument("--limits", action="store_true", help="expensive queries alone, and how long others wait")
    parser.add_argument("--plugins", action="store_true", help="the plugin layer alone")
    asked = parser.parse_args()
    everything = not (asked.mail or asked.pages)
    if asked.limits or (everything and not asked.plugins):
        show_attacks(asyncio.run(measure_attacks(quick=asked.quick)))
    if asked.limits:
        return
    if everything:
        show_plugins(uvloop.run(measure_plugins(quick=asked.quick)))
    if asked.plugins:
        return
    for kind in ("SQLite", "PostgreSQL"):
        if asked.only in (None, kind):
            try:
                if not asked.mail:
                    size = _QUICK_PEOPLE if asked.quick else _PEOPLE
                    show_pages(kind, asyncio.run(measure_pages(kind, size, quick=asked.quick)))
                if asked.pages:
                    continue
                if not asked.mail:
                    show(kind, asyncio.run(measure(kind, quick=asked.quick)), quick=asked.quick)
                show_mail(kind, asyncio.run(measure_mail(kind, quick=asked.quick)))
                show_answers(kind, asyncio.run(measure_answers(kind, quick=asked.quick)))
                show_ways(kind, asyncio.run(measure_ways(kind, quick=asked.quick)))
            except pytest.skip.Exception as problem:  # a server of others is not installed
                print(f"{kind}: answers are not measured: {problem}")
            except ConnectionError as problem:
                raise SystemExit(f"{kind} is not measured: {POSTGRES_SERVER}: {problem}") from None


if __name__ == "__main__":
    main()
