"""What a caller asks of the use cases, as it was typed: the use cases read times, zones and addresses themselves.

An id that could not be read is 0, which nothing has: it is not found, like any other that is not there.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from invito.services.follow_ups.values import (
    EmailInvitationState,
    FollowUpType,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    Visibility,
)
from invito.services.ids import FollowUpId, ParticipantId


class Left(Enum):
    """Marks a field that was left out, which keeps what is there; None clears it."""

    OUT = "OUT"


LeftOut = Literal[Left.OUT]
LEFT_OUT: Final = Left.OUT


@dataclass(frozen=True, slots=True)
class TypedEmail:
    address: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class InviteeWish:
    """Who to invite: a reference, or an e-mail address as typed. `wants_email` goes before the call's choice."""

    who: str | TypedEmail
    role: ParticipantRole = ParticipantRole.REQUIRED
    wants_email: bool | None = None


@dataclass(frozen=True, slots=True)
class TypedSpan:
    """RFC 3339 text; without an offset it is wall-clock time in the caller's zone."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class CreateFollowUp:
    type: FollowUpType
    title: str
    start: str
    end: str | None = None
    duration: str | None = None
    time_zone: str | None = None
    is_all_day: bool = False
    description: str | None = None
    location: str | None = None
    priority: Priority = Priority.MEDIUM
    show_as: ShowAs = ShowAs.BUSY
    visibility: Visibility = Visibility.ALL
    invitees: tuple[InviteeWish, ...] = ()
    with_open_overviews: bool = True
    email_invitations: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class EmailChoice:
    participant: ParticipantId
    enabled: bool


@dataclass(frozen=True, slots=True)
class StatusChoice:
    participant: ParticipantId
    status: ParticipantStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParticipantChanges:
    add: tuple[InviteeWish, ...] = ()
    remove: tuple[ParticipantId, ...] = ()
    emails: tuple[EmailChoice, ...] = ()
    statuses: tuple[StatusChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """What a change of fields names; all else stays."""

    title: str | None | LeftOut = LEFT_OUT
    start: str | None | LeftOut = LEFT_OUT
    end: str | None | LeftOut = LEFT_OUT
    time_zone: str | None | LeftOut = LEFT_OUT
    is_all_day: bool | None | LeftOut = LEFT_OUT
    description: str | None | LeftOut = LEFT_OUT
    location: str | None | LeftOut = LEFT_OUT
    priority: Priority | None | LeftOut = LEFT_OUT
    show_as: ShowAs | None | LeftOut = LEFT_OUT
    visibility: Visibility | None | LeftOut = LEFT_OUT
    is_completed: bool | None | LeftOut = LEFT_OUT


class NotifyInvitees(Enum):
    """Whether invitees are told of a change: NONE saves quietly."""

    ALL = "ALL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class UpdateFollowUp:
    id: FollowUpId
    fields: FieldChanges = field(default_factory=FieldChanges)
    participants: ParticipantChanges = field(default_factory=ParticipantChanges)
    notify: NotifyInvitees = NotifyInvitees.ALL
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class SaveParticipants:
    id: FollowUpId
    changes: ParticipantChanges
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class InviteParticipants:
    id: FollowUpId
    invitees: tuple[InviteeWish, ...]
    email_invitations: bool = False
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveParticipants:
    id: FollowUpId
    participants: tuple[ParticipantId, ...]
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class CancelFollowUp:
    id: FollowUpId
    comment: str | None = None
    notify: NotifyInvitees = NotifyInvitees.ALL
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ToggleEmail:
    participant: ParticipantId
    seen: EmailInvitationState | None = None


@dataclass(frozen=True, slots=True)
class ToggleStatus:
    participant: ParticipantId
    seen: ParticipantStatus | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invitee answers: ACCEPTED, TENTATIVE or DECLINED."""

    participant: ParticipantId
    status: ParticipantStatus
    reason: str | None = None
