"""Whom a component speaks for (ITIP.md, In, 4)."""

from dataclasses import dataclass

from invito.services.addresses import address_key
from invito.services.follow_ups.values import ParticipantRole
from invito.services.itip.known import KnownFollowUp, KnownParticipant
from invito.services.itip.understood import AnswerMethod, UnderstoodAttendee, UnderstoodComponent, UnderstoodMail

# The owner is the one who is answered; a resource has nobody who could.
_NOT_ASKED = frozenset({ParticipantRole.OWNER, ParticipantRole.RESOURCE})


@dataclass(frozen=True, slots=True)
class Match:
    """An ATTENDEE, none where From alone speaks, and who it is here, None where nobody has the address."""

    attendee: UnderstoodAttendee | None
    participant: KnownParticipant | None

    @property
    def is_asked(self) -> bool:
        return self.participant is not None and self.participant.role not in _NOT_ASKED


def matches(mail: UnderstoodMail, component: UnderstoodComponent, follow_up: KnownFollowUp) -> tuple[Match, ...]:
    """One for each whom the component speaks for; none where that cannot be told.

    Of several ATTENDEEs it is the one whose address is From's, else all that are invited and have answered: programs
    send the whole list of a meeting back.
    """
    sender = follow_up.participant_of(mail.sender)
    if not component.attendees:
        return (Match(None, sender),) if component.method is not AnswerMethod.REPLY else ()
    if len(component.attendees) == 1:
        (attendee,) = component.attendees
        return (Match(attendee, _participant(attendee, follow_up) or sender),)
    known = [Match(one, _participant(one, follow_up)) for one in component.attendees]
    own = [one for one in known if mail.sender is not None and _is_of(one, mail.sender, sender)]
    if own:
        return (own[0],)
    answered = [
        one for one in known if one.is_asked and one.attendee is not None and one.attendee.partstat != "NEEDS-ACTION"
    ]
    if component.method is not AnswerMethod.REPLY and len(answered) != 1:
        # A time is proposed by one.
        return ()
    return tuple({one.participant.id: one for one in reversed(answered) if one.participant}.values())[::-1]


def _participant(attendee: UnderstoodAttendee, follow_up: KnownFollowUp) -> KnownParticipant | None:
    for address in (attendee.address, attendee.email, attendee.sent_by):
        if found := follow_up.participant_of(address):
            return found
    return None


def _is_of(match: Match, sender: str, participant: KnownParticipant | None) -> bool:
    if match.participant is not None and participant is not None:
        return match.participant.id == participant.id
    assert match.attendee is not None
    written = (match.attendee.address, match.attendee.email)
    return address_key(sender) in {address_key(one) for one in written if one is not None}
