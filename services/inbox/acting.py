"""What a verdict does to a follow-up: a status, a proposal, a mail sent again, a word to the owner (ITIP.md, In)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.change import Change
from invito.services.follow_ups.repository import raise_revisions
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.times import start_of_day
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus, StatusOrigin
from invito.services.house import House
from invito.services.inbox.answers import ReceivedAnswer, answers_of, keep_answer
from invito.services.inbox.repository import Effect, ReceivedMail
from invito.services.invitations.answering import store_answer
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.standing import answered_at, standing
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome, Proposal, Verdict
from invito.services.mail.outbox import is_on_its_way, queue_mail
from invito.services.mail.values import MailMethod
from invito.services.notifications.repository import tell_owner_once
from invito.services.notifications.values import NotificationKind
from invito.services.proposals.repository import Kept, keep_proposal

_TOLD = {
    InboundOutcome.UNVERIFIED: NotificationKind.UNVERIFIED_ANSWER,
    InboundOutcome.OUTDATED: NotificationKind.OUTDATED_ANSWER,
    InboundOutcome.NOT_INVITED: NotificationKind.UNINVITED_ANSWER,
}
# How long the present state that was sent counts as present to who asks for it.
_REFRESH_PAUSE = timedelta(minutes=10)
# A status that somebody set here, which an answer given before does not undo (rule 10).
_BY_HAND = frozenset({StatusOrigin.ANSWERED, StatusOrigin.ON_BEHALF, StatusOrigin.ANSWER_LINK})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail about a follow-up that is held until the transaction ends."""

    received: ReceivedMail
    mail: UnderstoodMail
    follow_up: FollowUp
    now: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a verdict: how the mail is listed, and the change that is to be published, if there is one."""

    effect: Effect
    change: Change | None = None
    is_told: bool = False


async def act(
    connection: AsyncConnection, house: House, incoming: Incoming, verdict: Verdict, there: Participant | None
) -> Acted:
    """Carry out one verdict about a known follow-up; `there` is the participant that it is about, as it is now."""
    if verdict.outcome in _TOLD:
        await _tell(connection, incoming, there, verdict, _TOLD[verdict.outcome], _reason(verdict))
        return Acted(_effect(incoming, verdict), is_told=True)
    if verdict.outcome is not InboundOutcome.APPLIED or there is None:
        return Acted(_effect(incoming, verdict))
    if verdict.why.reason is Reason.ASKED_FOR_STATE:
        if await _send_again(connection, house, incoming, there):
            return Acted(_effect(incoming, verdict))
        return Acted(_effect(incoming, verdict, InboundOutcome.DUPLICATE, why(Reason.ASKED_BEFORE)))
    if verdict.proposal is None:
        return await _answer(connection, house, incoming, there, verdict)
    # The time and the answer that comes with it are kept each on its own: either may be new without the other.
    kept = await _propose(connection, incoming, there, verdict)
    acted = Acted(_effect(incoming, verdict))
    if verdict.status is not None:
        acted = await _answer(connection, house, incoming, there, verdict)
    if kept is Kept.BY_ANOTHER_MAIL and acted.change is None:
        return Acted(_effect(incoming, verdict, InboundOutcome.DUPLICATE, why(Reason.ANSWERED_BEFORE)))
    effect = _effect(incoming, verdict) if kept is Kept.NEW else acted.effect
    return replace(acted, effect=effect, is_told=kept is Kept.NEW)


async def _answer(
    connection: AsyncConnection, house: House, incoming: Incoming, there: Participant, verdict: Verdict
) -> Acted:
    """Keep the answer, and let the one stand that was given last."""
    assert verdict.status is not None
    received = incoming.received
    given_at = _given_at(incoming, verdict)
    answer = ReceivedAnswer(verdict.status, _reason(verdict), verdict.sequence, given_at, verdict.digest, received.id)
    recurrence_id = "" if verdict.recurrence_id is None else verdict.recurrence_id.isoformat()
    if not await keep_answer(connection, there.id, recurrence_id, answer):
        return Acted(_effect(incoming, verdict, InboundOutcome.DUPLICATE, why(Reason.ANSWERED_BEFORE)))
    by_hand = there.status_origin in _BY_HAND and there.status is not ParticipantStatus.SEEN
    last = standing(
        await answers_of(connection, there.id, recurrence_id),
        incoming.follow_up.moved_sequence,
        there.status_changed_at if by_hand else None,
    )
    change = None
    if last is not None:
        after = with_status(there, last.status, StatusOrigin.EMAIL_REPLY, last.comment, incoming.now)
        change = await store_answer(connection, house, incoming.follow_up, there, after, incoming.now)
    if last is None or last.message != received.id:
        overtaken = _effect(incoming, verdict, InboundOutcome.OUTDATED, why(Reason.LATER_ANSWER_STANDS))
        return Acted(overtaken, change)
    return Acted(_effect(incoming, verdict), change)


async def _propose(connection: AsyncConnection, incoming: Incoming, there: Participant, verdict: Verdict) -> Kept:
    """List the other time that is asked for, and tell the owner where that is news."""
    assert verdict.proposal is not None
    follow_up, proposal = incoming.follow_up, verdict.proposal
    said_at = _given_at(incoming, verdict)
    kept = await keep_proposal(
        connection, follow_up, there.id, incoming.received.id, _span(proposal, follow_up), proposal.comment,
        incoming.now, said_at, is_all_day=proposal.is_all_day,
    )  # fmt: skip
    if kept is Kept.NEW:
        await raise_revisions(connection, [follow_up.id], incoming.now)
        await _tell(connection, incoming, there, verdict, NotificationKind.PROPOSED_TIME, proposal.comment)
    return kept


def _span(proposal: Proposal, follow_up: FollowUp) -> tuple[datetime, datetime]:
    """Without an end it is as long as the follow-up: as many days where both are whole days, which are not equally
    long, and else the day that is named.
    """
    if proposal.end is not None:
        return proposal.start, proposal.end
    if not proposal.is_all_day:
        return proposal.start, proposal.start + (follow_up.end - follow_up.start)
    zone = ZoneInfo(follow_up.time_zone)
    first, last, day = (one.astimezone(zone).date() for one in (follow_up.start, follow_up.end, proposal.start))
    return proposal.start, start_of_day(day + (last - first if follow_up.is_all_day else timedelta(days=1)), zone)


def _given_at(incoming: Incoming, verdict: Verdict) -> datetime:
    return answered_at(incoming.received.received_at, verdict.dtstamp, incoming.mail.sent_at)


async def _tell(
    connection: AsyncConnection,
    incoming: Incoming,
    there: Participant | None,
    verdict: Verdict,
    kind: NotificationKind,
    comment: str | None,
) -> None:
    is_somebody_else = verdict.outcome in (InboundOutcome.UNVERIFIED, InboundOutcome.NOT_INVITED)
    named = incoming.mail.sender if is_somebody_else or there is None else there.name
    actor = (named or incoming.mail.sender_name or "?")[:300]
    await tell_owner_once(connection, incoming.follow_up, kind, there, actor, comment, incoming.now)


async def _send_again(connection: AsyncConnection, house: House, incoming: Incoming, to: Participant) -> bool:
    """REFRESH asks for the present state (RFC 5546 §3.2.6); who holds no REQUEST gets none.

    False where the state is on its way, or was sent just now: a flood of questions is answered once in a while.
    """
    if await is_on_its_way(connection, incoming.follow_up, to, incoming.now - _REFRESH_PAUSE):
        return False
    if to.held_sequence is not None and not incoming.follow_up.is_cancelled:
        await queue_mail(connection, house.rules, incoming.follow_up, to, MailMethod.REQUEST, incoming.now)
    return True


def _reason(verdict: Verdict) -> str | None:
    """Why somebody declines; whom they delegate to is said with it, for the owner to invite (rule 7)."""
    if not verdict.delegated_to:
        return verdict.comment
    delegated = f"→ {', '.join(verdict.delegated_to)}"
    return f"{verdict.comment} {delegated}" if verdict.comment else delegated


def _effect(
    incoming: Incoming, verdict: Verdict, outcome: InboundOutcome | None = None, because: Why | None = None
) -> Effect:
    told = because or verdict.why
    return Effect(
        outcome or verdict.outcome,
        told.reason.value,
        dict(told.places) | ({"delegated_to": ", ".join(verdict.delegated_to)} if verdict.delegated_to else {}),
        incoming.follow_up.id,
        verdict.participant,
        verdict.status,
    )
