"""`invito plugins show`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from invito.cli.ending import end, expected_problems
from invito.cli.plugin_option import Demo, Plugins
from invito.cli.plugins.looking import health_in_words, house_with_plugins, trials_of
from invito.plugins.shown_settings import shown_settings
from invito.services.known_plugins import known_plugin


def show(
    name: Annotated[str, typer.Argument(help="The plugin's name, as `invito plugins list` has it.")],
    demo: Demo = False,
    plugins: Plugins = None,
) -> None:
    """Show a plugin: what it says of itself, what it brings, its settings, and how it does when it is asked."""
    with expected_problems():
        lines = asyncio.run(_lines(name, demo, plugins))
    console = Console(soft_wrap=True, highlight=False)
    for line in lines:
        console.print(line, markup=False)


async def _lines(name: str, demo: bool, plugins: Sequence[str] | None) -> list[str]:
    async with house_with_plugins(demo, plugins) as house:
        if name in house.plugins.missing:
            end(house.plugins.missing[name])
        if name not in house.plugins.plugins:
            end(f"There is no plugin {name}: there are {', '.join(house.plugins.plugins)}.")
        one, trials = known_plugin(house.plugins, name), await trials_of(house, name)
        settings = shown_settings(name, house.plugins.contexts[name].settings)
        return [
            " ".join([name, "(built in)" if one.is_built_in else one.version or ""]).rstrip(),
            *([one.summary] if one.summary else []),
            f"It does   {health_in_words(one.health, trials)}",
            f"Hooks     {', '.join(one.hooks)}",
            *(f"Source    {trial.key}: {trial.failure or f'{trial.seconds * 1_000:.1f} ms'}" for trial in trials),
            *(f"Setting   {variable}={value}  {description}".rstrip() for variable, value, description in settings),
        ]
