"""`invito plugins`: which there are, what each brings, and how one is written and checked; one command a module."""

import typer

from invito.cli.plugins.check import check
from invito.cli.plugins.list_plugins import list_plugins
from invito.cli.plugins.new import new
from invito.cli.plugins.reference import reference
from invito.cli.plugins.show import show

plugins = typer.Typer(name="plugins", help="Which plugins there are, and how new ones are made.", no_args_is_help=True)
plugins.command("list")(list_plugins)
for _command in (show, new, check, reference):
    plugins.command()(_command)
