"""The enums of the API: those of the services, with a description for every value."""

from collections.abc import Mapping
from enum import Enum

import strawberry
from strawberry.types.enum import has_enum_definition

from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import ContainerKind, Language, ParticipantKind
from invito.services.busy.availability import AvailabilityState
from invito.services.errors import UserErrorCode
from invito.services.follow_ups.commands import NotifyInvitees
from invito.services.follow_ups.envelopes import EmailInvitationDisabledReason
from invito.services.follow_ups.values import (
    EmailDelivery,
    EmailInvitationState,
    EmailUnavailableReason,
    FollowUpType,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    StatusOrigin,
    Visibility,
)
from invito.services.invitations.follow_up_pages import FollowUpOrder
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mailboxes.values import MailboxState
from invito.services.notifications.values import NotificationKind


class InvitationAnswer(Enum):
    """What an invitee may answer."""

    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


def _describe(enum: type[Enum], description: str, values: Mapping[str, str]) -> None:
    """Make an enum one of the schema.

    :raises KeyError: a value has no description.
    """
    strawberry.enum(enum, description=description)
    assert has_enum_definition(enum)
    for value in enum.__strawberry_definition__.values:
        value.description = values[value.name]


_describe(
    Language,
    "The languages of the texts that people see.",
    {"EN": "English.", "NB": "Norwegian (bokmål)."},
)
_describe(
    FollowUpType,
    "What sort of follow-up it is.",
    {
        "APPOINTMENT": "An appointment (Avtale).",
        "TASK": "A task (Oppgave).",
        "PHONE_CALL": "A phone call (Samtale).",
    },
)
_describe(
    FollowUpOrder,
    "How a list of follow-ups is ordered; ties by id.",
    {
        "START": "By start, earliest first.",
        "START_LATEST_FIRST": "By start, latest first.",
        "UPDATED_LATEST_FIRST": "By when it was last changed, latest first.",
    },
)
_describe(
    Priority,
    "How important a follow-up is.",
    {"LOW": "Can wait.", "MEDIUM": "As most are.", "HIGH": "Comes first."},
)
_describe(
    ShowAs,
    "Whether a follow-up makes its participants busy.",
    {"FREE": "They are free all the same.", "BUSY": "They are busy then, and invitations to others conflict."},
)
_describe(
    Visibility,
    "Who sees a follow-up besides its owner and its invitees.",
    {
        "ALL": "Every employee.",
        "OWNER_GROUP": "The employees of the owner's first user group; others see only that its participants are busy.",
        "OWNER": "Nobody; others see only that its participants are busy.",
    },
)
_describe(
    ParticipantKind,
    "What sort of participant it is.",
    {
        "EMPLOYEE": "An employee (Medarbeider), whose calendar is here.",
        "PERSON": "A person outside, such as one of a customer's.",
        "COMPANY": "A company itself.",
        "RESOURCE": (
            "A resource: a location or another thing, whose calendar is here. It accepts by itself and gets no mail."
        ),
        "EMAIL": "Somebody known only by the e-mail address that was typed.",
        "OTHER": "What a plugin brings that is none of these.",
    },
)
_describe(
    ParticipantRole,
    "What a participant is to the follow-up. The owner is a participant too: OWNER, ACCEPTED.",
    {
        "OWNER": "Owns the follow-up.",
        "REQUIRED": "Is needed.",
        "OPTIONAL": "May stay away.",
        "RESOURCE": "Is a resource; a resource always has this role.",
    },
)
_describe(
    ParticipantStatus,
    "Where an invitation stands: NOT_SEEN is unmarked, SEEN an eye, ACCEPTED a green tick, DECLINED a red cross.",
    {
        "NOT_SEEN": "The participant has not looked at the invitation yet (unmarked).",
        "SEEN": "Seen, but not answered (an eye).",
        "ACCEPTED": "Accepted (a green tick).",
        "TENTATIVE": "Perhaps: what some calendar programs answer.",
        "DECLINED": "Declined (a red cross); who declined is free at that time.",
    },
)
_describe(
    StatusOrigin,
    "How a status came about.",
    {
        "INVITED": "By the invitation itself: nobody has answered yet.",
        "ANSWERED": "The participant answered here.",
        "ON_BEHALF": "The owner set it on the participant's behalf.",
        "AUTOMATIC": "By itself: the owner's own, and a resource's, which cannot answer.",
        "EMAIL_REPLY": "The participant answered in their own mail program.",
        "ANSWER_LINK": "The participant answered on the page that the mail links to.",
    },
)
_describe(
    InvitationAnswer,
    "What the viewer answers to an invitation.",
    {
        "ACCEPTED": "Comes.",
        "TENTATIVE": "May come.",
        "DECLINED": "Does not come; the follow-up leaves the viewer's diary.",
    },
)
_describe(
    EmailInvitationState,
    "The envelope beside a name.",
    {
        "ACTIVE": "The participant gets the invitation by e-mail.",
        "INACTIVE": "Turned off by hand.",
        "UNAVAILABLE": "Cannot be turned on; `unavailableReason` says why.",
    },
)
_describe(
    EmailUnavailableReason,
    "Why an e-mail invitation cannot be turned on.",
    {
        "NO_VALID_EMAIL": "The participant has no valid e-mail address.",
        "IS_VIEWER": "The owner, whom nobody invites to their own follow-up.",
        "MAIL_NOT_CONFIGURED": "No mailbox is set up to send from.",
        "RESOURCE": "A resource never gets mail.",
    },
)
_describe(
    EmailDelivery,
    "What became of the last mail to a participant.",
    {
        "NOT_SENT": "No mail was ever sent.",
        "QUEUED": "A mail waits to be sent.",
        "SENT": "The last mail was handed over.",
        "DELAYED": "The last mail is still being tried: a server asked for patience, or could not be reached.",
        "FAILED": "The last mail could not be delivered.",
    },
)
_describe(
    EmailInvitationDisabledReason,
    "Why the E-mail invitation button does not work.",
    {
        "MAIL_NOT_CONFIGURED": "The viewer's mailbox is not set up.",
        "NOT_OWNER": "Only the owner turns e-mail invitations on and off.",
        "FOLLOW_UP_CANCELLED": "The follow-up is cancelled.",
    },
)
_describe(
    AvailabilityState,
    "Whether somebody is free.",
    {
        "FREE": "Nothing is in the way.",
        "BUSY": "Busy at some moment of the time asked about; may be invited all the same.",
        "UNKNOWN": "Nobody here keeps this one's calendar, or no time was asked about.",
    },
)
_describe(
    ContainerKind,
    "What sort of list a container is.",
    {
        "USER_GROUP": "A user group: its employees.",
        "COMPANY": "A company: its persons and itself.",
        "PERSON": "A person: only that person.",
        "PROJECT": "A project: its members.",
        "SELECTION": "A selection: a fixed list, or a saved search that is run anew.",
        "RESOURCE_GROUP": "A resource group: its resources.",
        "OTHER": "What a plugin brings that is none of these.",
    },
)
_describe(
    SourceHealth,
    "How the last calls of a source's plugin went.",
    {
        "OK": "It answers.",
        "DEGRADED": "Its last call failed.",
        "UNAVAILABLE": "It failed again and again.",
    },
)
_describe(
    NotifyInvitees,
    "Whether invitees are told of a change.",
    {
        "ALL": "Each who is concerned gets a notification, and mail if they got one before or it is turned on.",
        "NONE": "Saves quietly: no mail and no notification for this change; a later one carries it along.",
    },
)
_describe(
    NotificationKind,
    "What the viewer is told.",
    {
        "INVITED": "Somebody invited the viewer.",
        "CHANGED": "The time or place of a follow-up that the viewer is invited to changed.",
        "CANCELLED": "A follow-up that the viewer was invited to was cancelled.",
        "REMOVED": "The viewer was taken out of a follow-up.",
        "ACCEPTED": "A participant of the viewer's follow-up accepted.",
        "TENTATIVE": "A participant of the viewer's follow-up may come.",
        "DECLINED": "A participant of the viewer's follow-up declined.",
        "PROPOSED_TIME": "A participant of the viewer's follow-up proposes another time.",
        "EMAIL_FAILED": "A mail to a participant of the viewer's follow-up could not be delivered.",
        "UNVERIFIED_ANSWER": "An answer came by mail that may not be from whom it says: the viewer decides.",
        "OUTDATED_ANSWER": "An answer came by mail to an earlier version of the viewer's follow-up.",
        "UNINVITED_ANSWER": "Somebody answered by mail who is not invited.",
    },
)
_describe(
    InboundOutcome,
    "What a mail that came in did.",
    {
        "APPLIED": "The answer counts, or the proposal is listed.",
        "OUTDATED": "It answers an earlier version, or a later answer stands.",
        "DUPLICATE": "The same answer was there already.",
        "UNVERIFIED": "It may not be from whom it says: the owner decides.",
        "NOT_INVITED": "Its sender is not invited.",
        "NOT_OURS": "It is not for Invito to act upon: an invitation of somebody else's, or no calendar mail at all.",
        "NOT_UNDERSTOOD": "It cannot be understood.",
        "BOUNCE": "A mail server says that a mail did not arrive, or arrives late.",
        "QUARANTINED": "It is larger or more intricate than any answer.",
    },
)
_describe(
    MailboxState,
    "How the last look at a mailbox went.",
    {
        "OK": "Logged in, and the folder is there.",
        "UNREACHABLE": "The server cannot be reached: its name, the network or the encryption.",
        "REFUSED": "The server refuses the login, the sender's address or the folder.",
        "UNCHECKED": "Nobody has looked yet.",
    },
)
_describe(
    UserErrorCode,
    "What went wrong. DUPLICATE is the same participant twice in one call; one who is invited already is no error.",
    {
        "NOT_FOUND": "There is no such thing, or the viewer may not see it.",
        "NOT_OWNER": "Only the owner of the follow-up may do this.",
        "FORBIDDEN": "The viewer may not do this: no employee, or no administrator.",
        "INVALID_TIME": "A time that does not exist, happens twice, lies in the wrong order, or comes too late.",
        "INVALID_TIME_ZONE": "No time zone of this name is known.",
        "INVALID_EMAIL": "Not an e-mail address.",
        "NO_VALID_EMAIL": "The participant has no valid e-mail address, so the e-mail invitation cannot be turned on.",
        "IS_VIEWER": "It concerns the viewer themself, where only others can be meant.",
        "MAIL_NOT_CONFIGURED": "The viewer's mailbox is not set up.",
        "MAILBOX_FAILED": "A mailbox does not work: its message says what failed, name, TLS, login or folder.",
        "DUPLICATE": "The same participant twice in one call.",
        "NOT_AVAILABLE": "An administrator set the entry as not available as a participant.",
        "SOURCE_UNAVAILABLE": "The source that knows the entry does not answer; try again.",
        "STALE_VERSION": "Somebody else changed it meanwhile: look at it as it is now, and try again.",
        "IDEMPOTENCY_MISMATCH": "The same idempotency key was used with another input.",
        "TOO_MANY": "More than is allowed in one call, or in one follow-up.",
        "CANCELLED": "The follow-up is cancelled.",
        "INVALID_INPUT": "A value that cannot be: empty, too long, or at odds with another.",
    },
)
