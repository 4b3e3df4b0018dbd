"""`invito plugins list`."""

import asyncio
from collections.abc import Sequence

import typer
from rich.table import Table

from invito.cli.ending import expected_problems
from invito.cli.plugin_option import Demo, Plugins
from invito.cli.plugins.looking import health_in_words, house_with_plugins, trials_of
from invito.cli.tables import print_table
from invito.services.known_plugins import known_plugin


def list_plugins(demo: Demo = False, plugins: Plugins = None) -> None:
    """List the plugins: what each brings, and how it does when it is asked. Ends with 1 where one cannot be loaded."""
    with expected_problems():
        table, is_whole = asyncio.run(_table(demo, plugins))
    print_table(table)
    raise typer.Exit(0 if is_whole else 1)


async def _table(demo: bool, plugins: Sequence[str] | None) -> tuple[Table, bool]:
    table = Table("plugin", "version", "sources", "hooks", "does", "a call takes")
    async with house_with_plugins(demo, plugins) as house:
        for name in house.plugins.plugins:
            one, trials = known_plugin(house.plugins, name), await trials_of(house, name)
            hooks = ", ".join(
                hook.removeprefix("invito_") for hook in one.hooks if hook != "invito_participant_sources"
            )
            took = ", ".join(f"{trial.seconds * 1_000:.1f} ms" for trial in trials)
            sources = ", ".join(trial.key for trial in trials)
            version = "built in" if one.is_built_in else one.version or ""
            table.add_row(name, version, sources, hooks, health_in_words(one.health, trials), took)
        for name, why in house.plugins.missing.items():
            table.add_row(name, "", "", "", f"not loaded: {why}", "")
        return table, not house.plugins.missing
