"""`invito plugins`: which plugins there are, and what each brings; one command a module."""

import typer

from invito.cli.plugins.list_plugins import list_plugins
from invito.cli.plugins.show import show

plugins = typer.Typer(name="plugins", help="Which plugins there are, and what they bring.", no_args_is_help=True)
plugins.command("list")(list_plugins)
plugins.command()(show)
