"""Why an incoming mail had the effect it had, or none: a code and the values for the places in its words."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Each has one outcome, under which it stands here. Words for them are made in the reader's language."""

    # Applied
    ANSWERED = "ANSWERED"
    PROPOSED_TIME = "PROPOSED_TIME"
    ASKED_FOR_STATE = "ASKED_FOR_STATE"
    # Outdated
    ANSWERED_EARLIER_VERSION = "ANSWERED_EARLIER_VERSION"
    NO_SUCH_OCCURRENCE = "NO_SUCH_OCCURRENCE"
    FOLLOW_UP_CANCELLED = "FOLLOW_UP_CANCELLED"
    LATER_ANSWER_STANDS = "LATER_ANSWER_STANDS"
    # Duplicate
    ANSWERED_BEFORE = "ANSWERED_BEFORE"
    ASKED_BEFORE = "ASKED_BEFORE"
    # Unverified
    SENDER_UNREADABLE = "SENDER_UNREADABLE"
    SEVERAL_SENDERS = "SEVERAL_SENDERS"
    SENDER_IS_SOMEBODY_ELSE = "SENDER_IS_SOMEBODY_ELSE"
    SENDER_IS_A_STRANGER = "SENDER_IS_A_STRANGER"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    RETURNED_WITHOUT_TAG = "RETURNED_WITHOUT_TAG"
    # Not invited
    NOBODY_OF_THIS_ADDRESS = "NOBODY_OF_THIS_ADDRESS"
    NO_LONGER_INVITED = "NO_LONGER_INVITED"
    OWNER_IS_NOT_ASKED = "OWNER_IS_NOT_ASKED"
    # Not ours
    METHOD_IS_NOT_OURS = "METHOD_IS_NOT_OURS"
    NO_METHOD = "NO_METHOD"
    FREE_BUSY = "FREE_BUSY"
    NO_CALENDAR = "NO_CALENDAR"
    OUTLOOK_FORMAT = "OUTLOOK_FORMAT"
    ENCRYPTED = "ENCRYPTED"
    AUTOMATIC_REPLY = "AUTOMATIC_REPLY"
    REPORT = "REPORT"
    UNKNOWN_FOLLOW_UP = "UNKNOWN_FOLLOW_UP"
    SAYS_NOTHING = "SAYS_NOTHING"
    # Not understood
    UNREADABLE_CALENDAR = "UNREADABLE_CALENDAR"
    NO_COMPONENT = "NO_COMPONENT"
    NO_UID = "NO_UID"
    NO_ATTENDEE = "NO_ATTENDEE"
    SEVERAL_ATTENDEES = "SEVERAL_ATTENDEES"
    UNKNOWN_ZONE = "UNKNOWN_ZONE"
    UNREADABLE_TIME = "UNREADABLE_TIME"
    TIME_TOO_LONG = "TIME_TOO_LONG"
    NO_PROPOSED_TIME = "NO_PROPOSED_TIME"
    # Bounce
    DELIVERY_FAILED = "DELIVERY_FAILED"
    DELIVERY_DELAYED = "DELIVERY_DELAYED"
    # Quarantined
    MAIL_TOO_LARGE = "MAIL_TOO_LARGE"
    HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    TOO_DEEP = "TOO_DEEP"
    CALENDAR_TOO_LARGE = "CALENDAR_TOO_LARGE"
    TOO_MANY_COMPONENTS = "TOO_MANY_COMPONENTS"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    UNREADABLE_MAIL = "UNREADABLE_MAIL"
    TAKING_IN_FAILED = "TAKING_IN_FAILED"


@dataclass(frozen=True, slots=True)
class Why:
    """A reason with the values that its words have places for, by the place's name."""

    reason: Reason
    places: tuple[tuple[str, str], ...] = ()


def why(reason: Reason, **places: object) -> Why:
    return Why(reason, tuple((name, str(value)) for name, value in places.items()))
