"""`invito mail`: what became of mails, and the way of one by hand; one command a module."""

import typer

from invito.cli.lazy_commands import LazyCommand, LazyGroup


class _Commands(LazyGroup):
    lazy = (
        LazyCommand("list", "invito.cli.mail.list_mails:list_mails", "The mails that were written."),
        LazyCommand("check", "invito.cli.mail.check:check", "Send a test mail, and look at what receivers look at."),
        LazyCommand("show", "invito.cli.mail.show:show", "One mail that was written to a folder."),
        LazyCommand("why", "invito.cli.mail.why:why", "Why did somebody get a mail, or none?"),
        LazyCommand("receive", "invito.cli.mail.receive:receive", "Take in one mail, as if it had arrived."),
        LazyCommand("received", "invito.cli.mail.received:received", "The mails that came in."),
        LazyCommand("retry", "invito.cli.mail.retry:retry", "Understand a kept mail anew."),
        LazyCommand("answer", "invito.cli.mail.answer:answer", "Play whoever got an invitation."),
    )


mails = typer.Typer(
    name="mail",
    help="Whether mail works, what became of mails, and mails taken in by hand.",
    no_args_is_help=True,
    cls=_Commands,
)
