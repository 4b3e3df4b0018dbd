"""Why a mail that came in did what it did, in words (F33)."""

from collections.abc import Mapping

from invito.services.itip.reasons import Reason
from invito.services.language import translate

_MESSAGES = {
    Reason.ANSWERED: "The answer counts.",
    Reason.PROPOSED_TIME: "Another time is proposed.",
    Reason.ASKED_FOR_STATE: "The invitation is sent again, as was asked for.",
    Reason.ANSWERED_EARLIER_VERSION: "An earlier version was answered, before the time changed.",
    Reason.NO_SUCH_OCCURRENCE: "There is no such occurrence.",
    Reason.FOLLOW_UP_CANCELLED: "The follow-up is cancelled.",
    Reason.LATER_ANSWER_STANDS: "A later answer stands.",
    Reason.ANSWERED_BEFORE: "The same answer was there already.",
    Reason.ASKED_BEFORE: "The invitation was sent again just now, or is on its way.",
    Reason.SENDER_UNREADABLE: "The sender's address cannot be read.",
    Reason.SEVERAL_SENDERS: "The mail names several senders.",
    Reason.SENDER_IS_SOMEBODY_ELSE: "The mail comes from somebody else who is known here.",
    Reason.SENDER_IS_A_STRANGER: "The mail comes from an address that is not the invitee's.",
    Reason.AUTHENTICATION_FAILED: "Your mail server could not confirm the sender.",
    Reason.RETURNED_WITHOUT_TAG: "It says that a mail came back, but not to where that mail was to come back to.",
    Reason.NOBODY_OF_THIS_ADDRESS: "Nobody with this address is invited.",
    Reason.NO_LONGER_INVITED: "Whoever answers is no longer invited.",
    Reason.OWNER_IS_NOT_ASKED: "It answers for the owner, whom nobody asked.",
    Reason.METHOD_IS_NOT_OURS: "It is no answer to an invitation.",
    Reason.NO_METHOD: "The calendar in it does not say what it is for.",
    Reason.FREE_BUSY: "It answers a question about free and busy times.",
    Reason.NO_CALENDAR: "There is no calendar in it.",
    Reason.OUTLOOK_FORMAT: "It is in a form of Outlook's own (winmail.dat), which is not read.",
    Reason.ENCRYPTED: "It is encrypted, or wrapped in its signature, so it is not read.",
    Reason.AUTOMATIC_REPLY: "It is an automatic reply.",
    Reason.REPORT: "It tells that a mail arrived or was read, or what somebody thinks of it.",
    Reason.UNKNOWN_FOLLOW_UP: "It is about no follow-up that is known here.",
    Reason.SAYS_NOTHING: "It neither accepts nor declines.",
    Reason.UNREADABLE_CALENDAR: "The calendar in it cannot be read.",
    Reason.NO_COMPONENT: "The calendar in it holds no appointment.",
    Reason.NO_UID: "It does not say which appointment it is about.",
    Reason.NO_ATTENDEE: "It does not say who answers.",
    Reason.SEVERAL_ATTENDEES: "It does not say which of several answers.",
    Reason.UNKNOWN_ZONE: "It names a time zone that nobody knows.",
    Reason.UNREADABLE_TIME: "It names a time that cannot be read.",
    Reason.TIME_TOO_LONG: "It proposes a time longer than a follow-up may last.",
    Reason.NO_PROPOSED_TIME: "It proposes no other time.",
    Reason.DELIVERY_FAILED: "The mail could not be delivered.",
    Reason.DELIVERY_DELAYED: "The mail is still on its way.",
    Reason.MAIL_TOO_LARGE: "The mail is too large.",
    Reason.HEADERS_TOO_LARGE: "The mail's headers are too large.",
    Reason.TOO_MANY_PARTS: "The mail has too many parts.",
    Reason.TOO_DEEP: "The mail's parts are nested too deeply.",
    Reason.CALENDAR_TOO_LARGE: "The calendar in it is too large.",
    Reason.TOO_MANY_COMPONENTS: "The calendar in it has too many entries.",
    Reason.TOO_MANY_LINES: "An entry of the calendar in it has too many lines.",
    Reason.UNREADABLE_MAIL: "The mail cannot be read.",
    Reason.TAKING_IN_FAILED: "It was tried several times, and something failed each time.",
}


def reason_message(reason: str) -> str:
    """The sentence as the catalogue has it, without values."""
    return _MESSAGES[Reason[reason]]


def reason_text(reason: str | None, values: Mapping[str, str]) -> str | None:
    """A sentence in the language of the request, with the mail server's own words, or whom somebody delegates to."""
    if reason is None or reason not in Reason.__members__:
        return None
    sentence = translate(_MESSAGES[Reason[reason]])
    said = values.get("diagnosis")
    delegated = values.get("delegated_to")
    sentence = f"{sentence} → {delegated}" if delegated else sentence
    return f"{sentence} {said}" if said else sentence
