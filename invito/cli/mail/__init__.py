"""`invito mail`: what became of mails, and the way of one by hand; one command a module."""

import typer

from invito.cli.mail.answer import answer
from invito.cli.mail.check import check
from invito.cli.mail.list_mails import list_mails
from invito.cli.mail.receive import receive
from invito.cli.mail.received import received
from invito.cli.mail.retry import retry
from invito.cli.mail.show import show
from invito.cli.mail.why import why

mails = typer.Typer(
    name="mail", help="Whether mail works, what became of mails, and mails taken in by hand.", no_args_is_help=True
)
mails.command("list")(list_mails)
for _command in (check, show, why, receive, received, retry, answer):
    mails.command()(_command)
