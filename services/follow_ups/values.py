"""A follow-up and its participants as values: what the rules decide on and the repositories store."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from invito.plugins.contract import ParticipantKind
from invito.services.ids import FollowUpId, ParticipantId, ReferenceId


class FollowUpType(Enum):
    """F1."""

    APPOINTMENT = "APPOINTMENT"
    TASK = "TASK"
    PHONE_CALL = "PHONE_CALL"


class Priority(Enum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class ShowAs(Enum):
    """Whether the follow-up makes its participants busy."""

    FREE = "FREE"
    BUSY = "BUSY"


class Visibility(Enum):
    """Who sees a follow-up besides owner and invitees: all employees, the owner's group, nobody."""

    ALL = "ALL"
    OWNER_GROUP = "OWNER_GROUP"
    OWNER = "OWNER"


class ParticipantRole(Enum):
    OWNER = "OWNER"
    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    RESOURCE = "RESOURCE"


class ParticipantStatus(Enum):
    """F20."""

    NOT_SEEN = "NOT_SEEN"
    SEEN = "SEEN"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class StatusOrigin(Enum):
    """How a status came about."""

    INVITED = "INVITED"
    ANSWERED = "ANSWERED"
    ON_BEHALF = "ON_BEHALF"
    AUTOMATIC = "AUTOMATIC"
    EMAIL_REPLY = "EMAIL_REPLY"
    ANSWER_LINK = "ANSWER_LINK"


class EmailDelivery(Enum):
    """What became of the last mail to a participant."""

    NOT_SENT = "NOT_SENT"
    QUEUED = "QUEUED"
    SENT = "SENT"
    DELAYED = "DELAYED"
    FAILED = "FAILED"


class EmailInvitationState(Enum):
    """The envelope (F14). INACTIVE was turned off by hand, UNAVAILABLE cannot be turned on."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    UNAVAILABLE = "UNAVAILABLE"


class EmailUnavailableReason(Enum):
    NO_VALID_EMAIL = "NO_VALID_EMAIL"
    IS_VIEWER = "IS_VIEWER"
    MAIL_NOT_CONFIGURED = "MAIL_NOT_CONFIGURED"
    RESOURCE = "RESOURCE"


@dataclass(frozen=True, slots=True)
class Owner:
    """The copy of the employee who owns a follow-up; the first group is *the* group.

    `has_mailbox` tells whether a mailbox of the owner's own is set up.
    """

    reference_id: ReferenceId
    reference: str
    name: str
    email: str | None
    groups: tuple[str, ...]
    has_mailbox: bool = False


# Ways to answer that somebody finds in a mail which has arrived.
ANSWERS_TO_MAIL = frozenset({StatusOrigin.EMAIL_REPLY, StatusOrigin.ANSWER_LINK})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """F1. Instants in UTC, [start, end) half-open; all day is midnight to midnight in `time_zone`.

    `version` rises with what the owner changes, `revision` with all that is shown, `sequence` as ITIP.md's table says;
    `moved_sequence` is the one in which the time last changed, `rearranged_sequence` that of time or place.
    `location_from` is the reference of the resource whose place `location` is, None where somebody typed it.
    """

    id: FollowUpId
    uid: str
    sequence: int
    moved_sequence: int
    rearranged_sequence: int
    version: int
    revision: int
    type: FollowUpType
    title: str
    description: str | None
    start: datetime
    end: datetime
    time_zone: str
    is_all_day: bool
    location: str | None
    priority: Priority
    show_as: ShowAs
    visibility: Visibility
    owner: Owner
    is_completed: bool
    is_cancelled: bool
    stamped_at: datetime
    created_at: datetime
    updated_at: datetime
    location_from: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A row of the Participants tab, with the copy that keeps it whole. `identity` is shared with its aliases.

    `held_sequence` is the SEQUENCE of the REQUEST that the participant holds: None before one went out, and again once
    a CANCEL did. One that came back counts as held. `told_sequence` is the same of notifications: the SEQUENCE in which
    an employee was last told that they are invited, or of a changed time or place.
    """

    id: ParticipantId
    follow_up_id: FollowUpId
    reference_id: ReferenceId
    identity: ReferenceId
    reference: str
    position: int
    source: str | None
    kind: ParticipantKind
    role: ParticipantRole
    name: str
    email: str | None
    is_location: bool
    status: ParticipantStatus
    status_origin: StatusOrigin
    status_changed_at: datetime | None
    decline_reason: str | None
    was_seen: bool
    wants_email: bool
    email_delivery: EmailDelivery
    email_sent_at: datetime | None
    held_sequence: int | None
    email_error: str | None
    invited_at: datetime
    removed_at: datetime | None
    told_sequence: int | None = None
