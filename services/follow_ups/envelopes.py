"""The envelope beside a name, and the E-mail invitation button: whether they work, and if not, why (F14–F16)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from invito.plugins.contract import ParticipantKind
from invito.services.addresses import is_valid_address
from invito.services.caller import Caller
from invito.services.errors import Path, UserError, UserErrorCode, user_error
from invito.services.follow_ups.values import (
    EmailDelivery,
    EmailInvitationState,
    EmailUnavailableReason,
    FollowUp,
    Participant,
    ParticipantRole,
)
from invito.services.follow_ups.visibility import owns
from invito.services.language import translate


class EmailInvitationDisabledReason(Enum):
    """Why the button does not work."""

    MAIL_NOT_CONFIGURED = "MAIL_NOT_CONFIGURED"
    NOT_OWNER = "NOT_OWNER"
    FOLLOW_UP_CANCELLED = "FOLLOW_UP_CANCELLED"


_WHY_NOT_SENT = "Your mailbox is not set up."
_WHY_DISABLED = {
    EmailInvitationDisabledReason.MAIL_NOT_CONFIGURED: _WHY_NOT_SENT,
    EmailInvitationDisabledReason.NOT_OWNER: "Only the owner turns e-mail invitations on and off.",
    EmailInvitationDisabledReason.FOLLOW_UP_CANCELLED: "The follow-up is cancelled.",
}


@dataclass(frozen=True, slots=True)
class EmailControl:
    is_enabled: bool
    disabled_reason: EmailInvitationDisabledReason | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class EmailInvitation:
    """`sent_at` is a UTC instant."""

    state: EmailInvitationState
    unavailable_reason: EmailUnavailableReason | None
    delivery: EmailDelivery
    sent_at: datetime | None
    error: str | None


def email_control(caller: Caller, follow_up: FollowUp | None = None) -> EmailControl:
    """Whether the button works for the caller, on a follow-up or on one to come."""
    if follow_up is not None and not owns(caller, follow_up):
        return _disabled(EmailInvitationDisabledReason.NOT_OWNER)
    if follow_up is not None and follow_up.is_cancelled:
        return _disabled(EmailInvitationDisabledReason.FOLLOW_UP_CANCELLED)
    if not caller.can_send:
        return _disabled(EmailInvitationDisabledReason.MAIL_NOT_CONFIGURED)
    return EmailControl(is_enabled=True)


def email_invitation(participant: Participant, *, can_send: bool) -> EmailInvitation:
    """The envelope as it is shown; `can_send` tells whether there is a mailbox to send from."""
    reason = unavailable_reason(participant, can_send=can_send)
    if reason is not None:
        state = EmailInvitationState.UNAVAILABLE
    else:
        state = EmailInvitationState.ACTIVE if participant.wants_email else EmailInvitationState.INACTIVE
    return EmailInvitation(
        state, reason, participant.email_delivery, participant.email_sent_at, participant.email_error
    )


def unavailable_reason(participant: Participant, *, can_send: bool) -> EmailUnavailableReason | None:
    """Why mail to this participant cannot be turned on. The owner is the viewer whom nobody invites."""
    if participant.kind is ParticipantKind.RESOURCE:
        return EmailUnavailableReason.RESOURCE
    if participant.role is ParticipantRole.OWNER:
        return EmailUnavailableReason.IS_VIEWER
    if not is_valid_address(participant.email):
        return EmailUnavailableReason.NO_VALID_EMAIL
    if not can_send:
        return EmailUnavailableReason.MAIL_NOT_CONFIGURED
    return None


def no_mailbox(path: Path) -> UserError:
    """What is said to whoever turns mail on for everyone, and has no mailbox to send from (F16)."""
    return user_error(UserErrorCode.MAIL_NOT_CONFIGURED, path, _WHY_NOT_SENT)


def refusal_to_turn_on(reason: EmailUnavailableReason, participant: Participant, path: Path) -> UserError:
    """What is said to whoever presses an envelope that cannot be turned on (F15)."""
    code, message = _WHY_UNAVAILABLE[reason]
    return user_error(code, path, message, name=participant.name)


_WHY_UNAVAILABLE = {
    EmailUnavailableReason.RESOURCE: (UserErrorCode.NO_VALID_EMAIL, "{name} is a resource and never gets mail."),
    EmailUnavailableReason.IS_VIEWER: (UserErrorCode.IS_VIEWER, "You need no invitation to your own follow-up."),
    EmailUnavailableReason.NO_VALID_EMAIL: (UserErrorCode.NO_VALID_EMAIL, "{name} has no valid e-mail address."),
    EmailUnavailableReason.MAIL_NOT_CONFIGURED: (UserErrorCode.MAIL_NOT_CONFIGURED, _WHY_NOT_SENT),
}


def _disabled(reason: EmailInvitationDisabledReason) -> EmailControl:
    return EmailControl(is_enabled=False, disabled_reason=reason, message=translate(_WHY_DISABLED[reason]))
