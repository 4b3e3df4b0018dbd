"""A mailbox as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType

from invito.services.ids import ReferenceId
from invito.services.mailboxes.servers import MailServer

MailboxId = NewType("MailboxId", int)


class Protocol(Enum):
    """What a server is asked in: SMTP for mail that goes out, IMAP for what came in."""

    SMTP = "SMTP"
    IMAP = "IMAP"


class MailboxState(Enum):
    """How the last look at a mailbox went: UNREACHABLE is name, network or TLS, REFUSED is login or folder."""

    OK = "OK"
    UNREACHABLE = "UNREACHABLE"
    REFUSED = "REFUSED"
    UNCHECKED = "UNCHECKED"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A viewer's own mailbox. Without `imap`, Invito sends from it but does not read what comes in.

    `checked_at` is a UTC instant. The servers know the password: None where no key of the settings opens it.
    """

    id: MailboxId
    employee: ReferenceId
    address: str
    smtp: MailServer
    imap: MailServer | None
    folder: str
    state: MailboxState
    checked_at: datetime | None
    last_error: str | None
