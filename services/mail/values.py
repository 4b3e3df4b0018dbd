"""A mail that is to be sent, as a value."""

from enum import Enum


class MailMethod(Enum):
    """The iTIP methods that Invito sends (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    DECLINECOUNTER = "DECLINECOUNTER"


class MailState(Enum):
    """A QUEUED mail that nobody is sending can be changed or taken back; SENT and FAILED ones stay as they are."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"
