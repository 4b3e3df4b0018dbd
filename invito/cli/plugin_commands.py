"""The commands that plugins bring: `invito NAME …`, looked for only where no command of ours has that name."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from invito.cli.lazy_commands import LazyGroup

if TYPE_CHECKING:
    from invito.settings import Settings


_BROUGHT = "invito: what plugins brought"


class CommandsWithPlugins(LazyGroup):
    """Ours, and one group a plugin that has commands."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or _brought(ctx).get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if "--plugin" in args[1:-1] and self.get_command(ctx, args[0]) is None:
            # Which commands there are is known before any option of theirs is.
            plugin = args[args.index("--plugin") + 1]
            typer.echo(f"Commands of a plugin are found by INVITO_PLUGINS={plugin} invito {args[0]} …", err=True)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        ours = super().list_commands(ctx)
        return [*ours, *sorted(name for name in _brought(ctx) if name not in ours)]


def _brought(ctx: Any) -> dict[str, Any]:
    """By plugin, asked once a command line."""
    if _BROUGHT not in ctx.meta:
        ctx.meta[_BROUGHT] = _found()
    found: dict[str, Any] = ctx.meta[_BROUGHT]
    return found


def _found() -> dict[str, Any]:
    """By plugin; whatever goes wrong costs the plugins' commands alone, and `invito check` says what."""
    # Where there are none, which is so nearly everywhere, a list of commands is not to wait for all that they need.
    from invito.plugin_places import places_of  # noqa: PLC0415
    from invito.plugins.discovery import may_find_plugins  # noqa: PLC0415
    from invito.plugins.failures import PluginError  # noqa: PLC0415
    from invito.settings import SettingsError, read_settings  # noqa: PLC0415

    try:
        settings = read_settings()
        return _commands_of_plugins(settings) if may_find_plugins(places_of(settings)) else {}
    except (SettingsError, PluginError):
        return {}


def _commands_of_plugins(settings: "Settings") -> dict[str, Any]:
    """
    :raises PluginError: one that was named cannot be loaded.
    """
    import structlog  # noqa: PLC0415

    from invito.opening import load_plugins  # noqa: PLC0415
    from invito.plugins.failures import described, was_too_slow  # noqa: PLC0415

    manager = load_plugins(settings)
    seconds, asked, found = settings.plugin_start_seconds, {}, {}
    for one in manager.hooks.registry.implementations("invito_commands"):
        contexts = [manager.contexts[one.plugin.name] for _ in one.argument_names]
        asked[one.plugin.name] = _asked(partial(one.function, *contexts))
    until = time.monotonic() + seconds
    for plugin, answer in asked.items():
        try:
            found[plugin] = _command_of(plugin, answer.result(max(0, until - time.monotonic())))
        except BaseException as problem:  # a plugin may raise anything
            if isinstance(problem, KeyboardInterrupt):
                raise
            why = described(problem) if answer.done() else str(was_too_slow(seconds))
            structlog.get_logger(__name__).warning("plugin failed", plugin=plugin, call="invito_commands", problem=why)
    manager.close()
    return found


def _asked(ask: Callable[[], object]) -> Future[object]:
    """In a thread that nobody waits for at the end: one that hangs keeps no command from coming up, nor from ending."""
    answer = Future[object]()
    threading.Thread(target=_answer, args=(ask, answer), daemon=True).start()
    return answer


def _answer(ask: Callable[[], object], answer: Future[object]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as problem:  # a plugin may raise anything
        answer.set_exception(problem)


def _command_of(plugin: str, answer: object) -> Any:
    """A group of commands, of the library that typer has built in and gives no name to."""
    if not isinstance(answer, typer.Typer):
        raise TypeError("invito_commands should answer a typer.Typer")
    command: Any = typer.main.get_group(answer)
    command.name = plugin
    return command
