"""A mail that came in, as a value: where from, and what was made of it."""

from enum import Enum
from typing import NewType

InboxId = NewType("InboxId", int)


class MailOrigin(Enum):
    """Which way a mail came in."""

    IMAP = "IMAP"
    LMTP = "LMTP"
    HTTP = "HTTP"
    FILE = "FILE"


class InboundOutcome(Enum):
    """What a mail that came in did."""

    APPLIED = "APPLIED"
    OUTDATED = "OUTDATED"
    DUPLICATE = "DUPLICATE"
    UNVERIFIED = "UNVERIFIED"
    NOT_INVITED = "NOT_INVITED"
    NOT_OURS = "NOT_OURS"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"
    BOUNCE = "BOUNCE"
    QUARANTINED = "QUARANTINED"
