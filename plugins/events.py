"""What the event hooks are told, after commit. References and ids only: a plugin looks up what it needs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FollowUpChanged:
    """A follow-up was created, changed or cancelled. `occurred_at` is a UTC instant."""

    follow_up_uid: str
    revision: int
    is_cancelled: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ParticipantsInvited:
    """These references became participants of the follow-up."""

    follow_up_uid: str
    references: tuple[str, ...]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ParticipantsRemoved:
    """These references are participants no longer."""

    follow_up_uid: str
    references: tuple[str, ...]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A participant's status is now `status` (a name of the API's ParticipantStatus)."""

    follow_up_uid: str
    reference: str
    status: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class EmailSent:
    """A mail about the follow-up was handed over for the invitee of this reference.

    `method` is iTIP's (REQUEST, CANCEL, DECLINECOUNTER), `message_id` that of RFC 5322, with its angle brackets.
    """

    follow_up_uid: str
    reference: str
    method: str
    message_id: str
    occurred_at: datetime
