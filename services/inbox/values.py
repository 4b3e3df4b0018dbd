"""A mail that came in, as a value: where from, and what was made of it."""

from enum import Enum


class MailOrigin(Enum):
    """Which way a mail came in."""

    IMAP = "IMAP"
    LMTP = "LMTP"
    HTTP = "HTTP"
    FILE = "FILE"
