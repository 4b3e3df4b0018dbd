"""The files of mails that were written to a folder in place of a server."""

import asyncio
from pathlib import Path

from invito.cli.command_names import named
from invito.cli.ending import end
from invito.cli.ready_house import ready_database
from invito.services.mail.folder_transport import file_of
from invito.services.mail.history import SentMail, mail_of_number
from invito.settings import Settings


def sent_mail(settings: Settings, number: int) -> tuple[SentMail, bytes]:
    """The mail of this number as `invito mail list` gives it, and what was written; ends where there is none."""
    mail = asyncio.run(_mail(settings, number))
    if settings.mail_folder is None:
        end("INVITO_MAIL_FOLDER is not set: what a mail server took is not kept here.")
    if mail is None:
        end(f"There is no mail {number}: {named('invito mail list', settings)} names those that there are.")
    file = file_of(Path(settings.mail_folder), mail.message_id)
    if not file.is_file():
        end(f"Mail {number} was not sent yet: {named('invito mail list', settings)} says how it stands.")
    return mail, file.read_bytes()


async def _mail(settings: Settings, number: int) -> SentMail | None:
    async with ready_database(settings) as database:
        return await mail_of_number(database, number)
