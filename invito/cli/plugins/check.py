"""`invito plugins check`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from invito.cli.database_standing import expect_ready
from invito.cli.ending import end, expected_problems
from invito.cli.hanging_threads import end_without_those_that_hang
from invito.cli.plugin_option import Demo, Plugins, with_plugins
from invito.log_lines import log_to_stderr
from invito.opening import load_plugins
from invito.plugins.plugin_facts import LoadedSource
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.testing import Facts, Finding, Trial, Verdict, findings
from invito.plugins.testing.checks import CHECKS
from invito.plugins.testing.report import MOST_GIVEN_UP
from invito.services.directory import Directory
from invito.services.storage.database import Database
from invito.settings import Settings, read_settings

_MARKS = {Verdict.KEPT: "[green]kept  [/]", Verdict.BROKEN: "[red]broken[/]"}


def check(
    package: Annotated[str, typer.Argument(help="The plugin's name, its package, or a source's key, such as `hotel`.")],
    source: Annotated[str | None, typer.Option(help="The key of one of its sources; all of them without.")] = None,
    reference: Annotated[str | None, typer.Option(help="The reference of somebody who is there.")] = None,
    container: Annotated[str | None, typer.Option(help="The id of a container that has entries.")] = None,
    address: Annotated[str | None, typer.Option(help="The e-mail address of somebody who is there.")] = None,
    demo: Demo = False,
    plugins: Plugins = None,
) -> None:
    """Check a plugin's sources, as they are set up here, against the contract. Ends with 1 where one fails."""
    log_to_stderr()
    with expected_problems():
        settings = with_plugins(read_settings(), plugins)
        settings = settings.for_demo() if demo else settings
        facts = Facts(
            reference, container, address, entries_without_container=True, call_seconds=settings.plugin_call_seconds
        )
        code = asyncio.run(_check(settings, package, source, facts))
    raise typer.Exit(code)


async def _check(settings: Settings, package: str, key: str | None, facts: Facts) -> int:
    """With which code to end: 1 where a promise is broken."""
    await expect_ready(settings)
    database = Database(settings.database_url)
    manager = load_plugins(settings, database)
    try:
        sources = _sources_of(manager, package, key)
        await manager.start()
        code = 1 if sum([await _check_source(loaded, facts, Directory(database)) for loaded in sources]) else 0
    finally:
        await manager.stop()
        await database.close()
        manager.close()
    # What was given up may hang in threads that the end of the loop waits for.
    end_without_those_that_hang(code)
    return code


async def _check_source(loaded: LoadedSource, facts: Facts, directory: Directory) -> int:
    console = Console(soft_wrap=True, highlight=False)
    version = f" {loaded.plugin.version}" if loaded.plugin.version else ""
    console.print(f"[bold]{loaded.source.key}[/], of {loaded.plugin.name}{version}")
    trial = Trial(loaded.source, facts, directory)
    found = []
    try:
        async for finding in findings(trial):
            found.append(finding)
            _print(console, finding)
    finally:
        trial.close()
    left = len(CHECKS) - len(found)
    if left:
        console.print(
            f"[red]given up[/] {MOST_GIVEN_UP} checks in a row waited in vain, so the other {left} are not made: mend "
            "these first."
        )
    _print_not_checked(console, [one for one in found if one.verdict is Verdict.NOT_CHECKED])
    count = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    console.print(
        f"{count[Verdict.KEPT]} promises are kept, {count[Verdict.BROKEN]} broken, {count[Verdict.NOT_CHECKED]} could "
        "not be checked."
    )
    return count[Verdict.BROKEN]


def _print(console: Console, finding: Finding) -> None:
    if finding.verdict is Verdict.NOT_CHECKED:
        return
    console.print(_MARKS[finding.verdict], end=" ")
    console.print(finding.promise, markup=False)
    if finding.reason:
        console.print(f"       {finding.reason}", markup=False)


def _print_not_checked(console: Console, findings: Sequence[Finding]) -> None:
    """By what there is to do about it."""
    for reason in dict.fromkeys(one.reason for one in findings):
        console.print("[yellow]not checked[/]", end=" ")
        console.print(reason, markup=False)
        for one in findings:
            if one.reason == reason:
                console.print(f"       {one.promise}", markup=False, style="dim")


def _sources_of(manager: PluginManager, package: str, key: str | None) -> Sequence[LoadedSource]:
    brought = [loaded for loaded in manager.sources.values() if _plain(package) in _names_of(loaded)]
    if not brought:
        if package in manager.missing:
            end(manager.missing[package])
        there = sorted({loaded.plugin.name for loaded in manager.sources.values()})
        end(f"{package} brings no source here; {', '.join(there)} do. Is it installed, or named by --plugin?")
    chosen = [loaded for loaded in brought if key in (None, loaded.source.key)]
    if not chosen:
        end(f"{package} has no source {key}, but {', '.join(loaded.source.key for loaded in brought)}.")
    return chosen


def _names_of(loaded: LoadedSource) -> set[str]:
    return {_plain(loaded.plugin.name), _plain(loaded.source.key)}


def _plain(name: str) -> str:
    """The package invito-hotel brings the plugin hotel; - and _ are one."""
    return name.lower().replace("-", "_").removeprefix("invito_")
