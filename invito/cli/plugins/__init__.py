"""`invito plugins`: which plugins there are and what each brings, and how one is written and checked; one command a module."""

import typer

from invito.cli.plugins.check import check
from invito.cli.plugins.list_plugins import list_plugins
from invito.cli.plugins.new import new
from invito.cli.plugins.show import show

plugins = typer.Typer(name="plugins", help="Plugins: which there are, and new ones.", no_args_is_help=True)
plugins.command("list")(list_plugins)
for _command in (show, new, check):
    plugins.command()(_command)
