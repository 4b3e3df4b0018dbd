"""The command line: one module a command."""

from typing import Annotated

import typer

from invito import __version__
from invito.cli.check import check
from invito.cli.import_files import imports
from invito.cli.mail import mails
from invito.cli.make_token import token
from invito.cli.migrate import migrate
from invito.cli.plugin_commands import CommandsWithPlugins
from invito.cli.plugins import plugins
from invito.cli.run_query import query
from invito.cli.serve import serve
from invito.cli.show_settings import settings
from invito.cli.work import worker
from invito.cli.write_schema import schema

app = typer.Typer(
    name="invito",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    cls=CommandsWithPlugins,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"Invito {__version__}")
        raise typer.Exit


@app.callback()
def _invito(
    version: Annotated[
        bool, typer.Option("--version", help="Tell the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """The GraphQL API behind an application's Invitation dialog. `invito serve --demo` tries it out."""


for _command in (serve, worker, migrate, check, schema, token, query, settings):
    app.command()(_command)
app.add_typer(imports)
app.add_typer(mails)
app.add_typer(plugins)
