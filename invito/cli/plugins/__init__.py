"""`invito plugins`: which there are, what each brings, and how one is written and checked; one command a module."""

import typer

from invito.cli.lazy_commands import LazyCommand, LazyGroup


class _Commands(LazyGroup):
    lazy = (
        LazyCommand("list", "invito.cli.plugins.list_plugins:list_plugins", "What each brings, and how it does."),
        LazyCommand("show", "invito.cli.plugins.show:show", "One plugin, with its settings."),
        LazyCommand("new", "invito.cli.plugins.new:new", "Write the package of a new plugin."),
        LazyCommand("check", "invito.cli.plugins.check:check", "Check a plugin's sources against the contract."),
        LazyCommand("reference", "invito.cli.plugins.reference:reference", "The reference for plugin authors."),
    )


plugins = typer.Typer(
    name="plugins",
    help="Which plugins there are, and how new ones are made.",
    no_args_is_help=True,
    cls=_Commands,
)
