"""The commands that plugins bring: `invito NAME …`, looked for only where no command of ours has that name."""

from typing import Any

import structlog
import typer
from typer.core import TyperGroup

from invito.opening import load_plugins
from invito.plugins.failures import PluginError, described
from invito.settings import SettingsError, read_settings

log = structlog.get_logger(__name__)


class CommandsWithPlugins(TyperGroup):
    """Ours, and one group a plugin that has commands."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or _brought().get(cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        ours = super().list_commands(ctx)
        return [*ours, *sorted(name for name in _brought() if name not in ours)]


def _brought() -> dict[str, Any]:
    """By plugin; whatever goes wrong costs the plugins' commands alone, and `invito check` says what."""
    try:
        manager = load_plugins(read_settings())
    except (SettingsError, PluginError):
        return {}
    found = {}
    for one in manager.hooks.registry.implementations("invito_commands"):
        try:
            found[one.plugin.name] = _command_of(one.plugin.name, one.function())
        except Exception as problem:  # a plugin may raise anything
            log.warning("plugin failed", plugin=one.plugin.name, call=one.hook, problem=described(problem))
    manager.close()
    return found


def _command_of(plugin: str, answer: object) -> Any:
    """A group of commands, of the library that typer has built in and gives no name to."""
    if not isinstance(answer, typer.Typer):
        raise TypeError("invito_commands should answer a typer.Typer")
    command: Any = typer.main.get_group(answer)
    command.name = plugin
    return command
