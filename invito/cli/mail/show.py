"""`invito mail show`."""

from typing import Annotated

import typer

from invito.cli.ending import expected_problems
from invito.cli.mail.sent_files import sent_mail
from invito.cli.mail.written_mail import lines_of
from invito.settings import read_settings


def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="Which mail, as `invito mail list` numbers them.")],
    raw: Annotated[bool, typer.Option("--raw", help="The mail's own bytes, as they went out.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Of `invito serve --demo`.")] = False,
) -> None:
    """One mail as it was written to the folder that stands in for a server: headers, text, and the invitation in it."""
    with expected_problems():
        settings = read_settings()
        _, written = sent_mail(settings.for_demo() if demo else settings, number)
    if raw:
        typer.echo(written, nl=False)
        return
    for line in lines_of(written):
        typer.echo(line)
