"""A mail that is to be sent, as a value."""

from enum import Enum


class MailMethod(Enum):
    """The iTIP methods that Invito sends (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class MailState(Enum):
    """SENT is set by whoever sends; until then a mail can be changed or taken back."""

    QUEUED = "QUEUED"
    SENT = "SENT"
