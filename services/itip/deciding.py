"""What an incoming mail does (ITIP.md, In, 3 to 9): a pure decision over what it says and what is known here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from pydantic import TypeAdapter

from invito.services.addresses import address_key
from invito.services.busy.spans import LONGEST_SECONDS
from invito.services.follow_ups.values import ParticipantRole, ParticipantStatus
from invito.services.itip.belief import doubt
from invito.services.itip.comments import comment_on
from invito.services.itip.known import Arrival, KnownFollowUp, Trust
from invito.services.itip.matching import Match, matches
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.understood import (
    AnswerMethod,
    Instant,
    MailKind,
    TimeSpan,
    UnderstoodAttendee,
    UnderstoodComponent,
    UnderstoodMail,
    WholeDay,
)
from invito.services.itip.verdicts import InboundOutcome, Proposal, Verdict

_ANSWERING = frozenset({MailKind.REPLY, MailKind.COUNTER, MailKind.REFRESH})
_WITHOUT_EFFECT = {
    MailKind.NOT_OURS: InboundOutcome.NOT_OURS,
    MailKind.AUTO_REPLY: InboundOutcome.NOT_OURS,
    MailKind.NO_CALENDAR: InboundOutcome.NOT_OURS,
    MailKind.NOT_UNDERSTOOD: InboundOutcome.NOT_UNDERSTOOD,
    MailKind.QUARANTINED: InboundOutcome.QUARANTINED,
}
_STATUS = {
    "ACCEPTED": ParticipantStatus.ACCEPTED,
    "TENTATIVE": ParticipantStatus.TENTATIVE,
    "DECLINED": ParticipantStatus.DECLINED,
    # Of a task: who works on it has taken it on (RFC 5545 §3.2.12).
    "COMPLETED": ParticipantStatus.ACCEPTED,
    "IN-PROCESS": ParticipantStatus.ACCEPTED,
    # Somebody else may come instead: this one does not.
    "DELEGATED": ParticipantStatus.DECLINED,
}

_SAID = TypeAdapter(tuple[str | None, str | None, UnderstoodComponent, UnderstoodAttendee | None])


def decide(
    mail: UnderstoodMail,
    follow_up: KnownFollowUp | None,
    arrival: Arrival,
    trust: Trust,
    *,
    is_vouched_for: bool = False,
) -> tuple[Verdict, ...]:
    """At least one verdict. Of a mail with several UIDs, ask for each: only what answers this follow-up is decided.

    `follow_up` was found by UID, else by tag; None where there is none. `is_vouched_for`: the owner has looked at the
    mail, so it is believed whoever sent it.
    """
    if mail.kind is MailKind.BOUNCE or _is_returned(mail, arrival):
        return (_bounce(mail, follow_up, arrival),)
    if mail.kind not in _ANSWERING:
        return (Verdict(_WITHOUT_EFFECT[mail.kind], mail.why or why(Reason.NO_CALENDAR)),)
    if follow_up is None:
        if mail.uids:
            return (Verdict(InboundOutcome.NOT_OURS, why(Reason.UNKNOWN_FOLLOW_UP, uid=mail.uids[0][:200])),)
        return (Verdict(InboundOutcome.NOT_UNDERSTOOD, why(Reason.NO_UID)),)
    decided = (
        verdict
        for component in _about(mail, follow_up)
        for verdict in _component(mail, component, follow_up, arrival, trust, is_vouched_for=is_vouched_for)
    )
    return tuple(dict.fromkeys(decided))


def _is_returned(mail: UnderstoodMail, arrival: Arrival) -> bool:
    """Whether a server returns a mail without saying so in any known way.

    Programs of who is away answer there too, from nobody as servers do: but in the name of whom the mail did reach.
    """
    if mail.kind is not MailKind.NO_CALENDAR or arrival.bounced is None:
        return False
    is_unsent = mail.has_null_sender or arrival.has_null_sender
    own = arrival.bounced_address
    return is_unsent and not (own and mail.sender and address_key(own) == address_key(mail.sender))


def _bounce(mail: UnderstoodMail, follow_up: KnownFollowUp | None, arrival: Arrival) -> Verdict:
    """About whom the tag says, else who has the address that could not be reached."""
    because = mail.why if mail.bounce and mail.why else why(Reason.DELIVERY_FAILED, diagnosis=mail.subject or "")
    reached = follow_up.participant_of(mail.bounce.recipient) if follow_up and mail.bounce else None
    participant = arrival.bounced if arrival.bounced is not None else reached.id if reached else None
    return Verdict(InboundOutcome.BOUNCE, because, participant)


def _about(mail: UnderstoodMail, follow_up: KnownFollowUp) -> list[UnderstoodComponent]:
    """Those with its UID; where it was found by tag, those of the first UID that there is."""
    of_it = [one for one in mail.components if one.uid == follow_up.uid]
    first = mail.components[0].uid if mail.components else None
    return of_it or [one for one in mail.components if one.uid == first]


def _component(
    mail: UnderstoodMail,
    component: UnderstoodComponent,
    follow_up: KnownFollowUp,
    arrival: Arrival,
    trust: Trust,
    *,
    is_vouched_for: bool,
) -> Iterator[Verdict]:
    if component.problem is not None:
        yield Verdict(InboundOutcome.NOT_UNDERSTOOD, component.problem)
        return
    found = matches(mail, component, follow_up)
    if not found:
        yield Verdict(InboundOutcome.NOT_UNDERSTOOD, why(Reason.SEVERAL_ATTENDEES))
    for match in found:
        said = _said(mail, component, match, follow_up)
        outcome, because = (
            _impossible(said)
            or _refused(match, mail)
            or (None if is_vouched_for else _unverified(mail, match, follow_up, arrival, trust))
            or _outdated(component, follow_up)
            or _effect(component, match, said)
        )
        yield replace(said, outcome=outcome, why=because, digest=_digest(mail, component, match))


def _said(mail: UnderstoodMail, component: UnderstoodComponent, match: Match, follow_up: KnownFollowUp) -> Verdict:
    """What it would do if it were believed and in time."""
    attendee = match.attendee
    status = _STATUS.get(attendee.partstat) if attendee and component.method is not AnswerMethod.REFRESH else None
    comment = comment_on(mail, component, attendee, status, follow_up.description)
    proposed = component.time if component.method is AnswerMethod.COUNTER else attendee.proposed if attendee else None
    return Verdict(
        InboundOutcome.APPLIED,
        why(Reason.ANSWERED),
        participant=match.participant.id if match.participant else None,
        recurrence_id=_occurrence(component, follow_up),
        status=status,
        comment=comment,
        sequence=component.sequence,
        dtstamp=component.dtstamp,
        proposal=_proposal(proposed, follow_up, comment) if proposed else None,
        delegated_to=attendee.delegated_to if attendee and attendee.partstat == "DELEGATED" else (),
    )


def _impossible(said: Verdict) -> tuple[InboundOutcome, Why] | None:
    """A proposal that the owner could not take."""
    proposal = said.proposal
    if proposal is None or proposal.end is None:
        return None
    is_too_long = (proposal.end - proposal.start).total_seconds() > LONGEST_SECONDS
    return (InboundOutcome.NOT_UNDERSTOOD, why(Reason.TIME_TOO_LONG)) if is_too_long else None


def _refused(match: Match, mail: UnderstoodMail) -> tuple[InboundOutcome, Why] | None:
    if match.participant is None:
        written = match.attendee.address or match.attendee.email if match.attendee else mail.sender
        return InboundOutcome.NOT_INVITED, why(Reason.NOBODY_OF_THIS_ADDRESS, address=written or "")
    if not match.participant.takes_part:
        return InboundOutcome.NOT_INVITED, why(Reason.NO_LONGER_INVITED)
    if match.participant.role is ParticipantRole.OWNER:
        return InboundOutcome.NOT_INVITED, why(Reason.OWNER_IS_NOT_ASKED)
    return None


def _unverified(
    mail: UnderstoodMail, match: Match, follow_up: KnownFollowUp, arrival: Arrival, trust: Trust
) -> tuple[InboundOutcome, Why] | None:
    assert match.participant is not None
    reason = doubt(mail, match.participant, follow_up, arrival, trust)
    return None if reason is None else (InboundOutcome.UNVERIFIED, reason)


def _outdated(component: UnderstoodComponent, follow_up: KnownFollowUp) -> tuple[InboundOutcome, Why] | None:
    """Only a changed time, or cancelling, makes an answer one to something else; a higher SEQUENCE says nothing."""
    if follow_up.is_cancelled:
        return InboundOutcome.OUTDATED, why(Reason.FOLLOW_UP_CANCELLED)
    if component.sequence < follow_up.moved_sequence:
        places = {"answered": component.sequence, "moved": follow_up.moved_sequence}
        return InboundOutcome.OUTDATED, why(Reason.ANSWERED_EARLIER_VERSION, **places)
    named = component.recurrence_id
    if named is None:
        return None
    is_there = follow_up.series.occurrence(named) if follow_up.series else follow_up.answers_it(named)
    if not is_there:
        text = named.at.isoformat() if isinstance(named, Instant) else named.day.isoformat()
        return InboundOutcome.OUTDATED, why(Reason.NO_SUCH_OCCURRENCE, occurrence=text)
    return None


def _effect(component: UnderstoodComponent, match: Match, said: Verdict) -> tuple[InboundOutcome, Why]:
    if component.method is AnswerMethod.REFRESH:
        return InboundOutcome.APPLIED, why(Reason.ASKED_FOR_STATE)
    if said.proposal is not None:
        return InboundOutcome.APPLIED, why(Reason.PROPOSED_TIME)
    if said.status is not None:
        return InboundOutcome.APPLIED, why(Reason.ANSWERED)
    return InboundOutcome.NOT_OURS, why(Reason.SAYS_NOTHING, partstat=match.attendee.partstat if match.attendee else "")


def _occurrence(component: UnderstoodComponent, follow_up: KnownFollowUp) -> datetime | None:
    if component.recurrence_id is None or follow_up.series is None:
        return None
    return follow_up.series.occurrence(component.recurrence_id)


def _proposal(proposed: TimeSpan, follow_up: KnownFollowUp, comment: str | None) -> Proposal:
    end = None if proposed.end is None else follow_up.instant(proposed.end)
    return Proposal(follow_up.instant(proposed.start), end, isinstance(proposed.start, WholeDay), comment)


def _digest(mail: UnderstoodMail, component: UnderstoodComponent, match: Match) -> str:
    """Made of what was said alone, not of when it came or of what is known here: the same in every order."""
    said = (mail.message_id, mail.text, component, match.attendee)
    return sha256(_SAID.dump_json(said)).hexdigest()
