"""The command line: one module a command."""

import typer

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
    help="The GraphQL API behind an application's Invitation dialog.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    cls=CommandsWithPlugins,
)
for _command in (serve, worker, migrate, check, schema, token, query, settings):
    app.command()(_command)
app.add_typer(imports)
app.add_typer(mails)
app.add_typer(plugins)
