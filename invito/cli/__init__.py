"""The command line: one module a command."""

from typing import Annotated

import typer

from invito import __version__
from invito.cli.lazy_commands import LazyCommand
from invito.cli.plugin_commands import CommandsWithPlugins


class _Commands(CommandsWithPlugins):
    lazy = (
        LazyCommand("serve", "invito.cli.serve:serve", "Run the service."),
        LazyCommand("worker", "invito.cli.work:worker", "Send and fetch mail, beside `invito serve`."),
        LazyCommand("migrate", "invito.cli.migrate:migrate", "Bring the database to what this version needs."),
        LazyCommand("check", "invito.cli.check:check", "Look at settings, database and plugins."),
        LazyCommand("schema", "invito.cli.write_schema:schema", "Print the GraphQL schema."),
        LazyCommand("trust", "invito.cli.trust:trust", "Write the manifest of a client's documents."),
        LazyCommand("token", "invito.cli.make_token:token", "Print a token for development."),
        LazyCommand("query", "invito.cli.run_query:query", "Carry out one operation, without a server."),
        LazyCommand("settings", "invito.cli.show_settings:settings", "List the settings and what they are now."),
        LazyCommand("import", "invito.cli.import_files:imports", "Take in files of other programs."),
        LazyCommand("mail", "invito.cli.mail:mails", "Whether mail works, and what became of mails."),
        LazyCommand("plugins", "invito.cli.plugins:plugins", "Which plugins there are, and how new ones are made."),
    )


app = typer.Typer(
    name="invito",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    cls=_Commands,
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
