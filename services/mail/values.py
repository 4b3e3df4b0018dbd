"""A mail that is to be sent, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType

from invito.services.ids import FollowUpId, ReferenceId

MailId = NewType("MailId", int)
ClaimId = NewType("ClaimId", str)


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


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail of the outbox that one worker is sending. Instants are UTC.

    `occurrence` is when the one occurrence was to begin that the mail is about. `attempts` counts this one too.
    `may_be_out`: an earlier attempt ended without an answer, so that the invitee may have the mail already.
    `own_server` is the URL of the owner's own mailbox's server, None where it goes out by the service's.
    """

    id: MailId
    claim: ClaimId
    follow_up: FollowUpId
    invitee: ReferenceId
    method: MailMethod
    sequence: int
    stamped_at: datetime
    occurrence: datetime | None
    message_id: str
    to_address: str
    to_name: str
    comment: str | None
    created_at: datetime
    attempts: int
    may_be_out: bool
    own_server: str | None = None
