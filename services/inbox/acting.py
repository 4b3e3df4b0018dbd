"""What a verdict does to a follow-up: a status, a proposal, a mail sent again, a word to the owner (ITIP.md, In)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.change import Change
from invito.services.follow_ups.repository import raise_revisions
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.values import FollowUp, Participant, ParticipantStatus, StatusOrigin
from invito.services.house import House
from invito.services.inbox.answers import ReceivedAnswer, answers_of, keep_answer
from invito.services.inbox.repository import Effect, ReceivedMail
from invito.services.invitations.answering import store_answer
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.standing import answered_at, standing
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome, Verdict
from invito.services.mail.outbox import is_on_its_way, queue_mail
from invito.services.mail.values import MailMethod
from invito.services.notifications.repository import tell_owner_once
from invito.services.notifications.values import NotificationKind
from invito.services.proposals.repository import keep_proposal

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
        await _tell(connection, incoming, there, verdict, _TOLD[verdict.outcome], verdict.comment)
        return Acted(_effect(incoming, verdict), is_told=True)
    if verdict.outcome is not InboundOutcome.APPLIED or there is None:
        return Acted(_effect(incoming, verdict))
    if verdict.why.reason is Reason.ASKED_FOR_STATE:
        if await _send_again(connection, house, incoming, there):
            return Acted(_effect(incoming, verdict))
        return Acted(_effect(incoming, verdict, InboundOutcome.DUPLICATE, why(Reason.ASKED_BEFORE)))
    if verdict.proposal is not None and not await _propose(connection, incoming, there, verdict):
        return Acted(_effect(incoming, verdict, InboundOutcome.DUPLICATE, why(Reason.ANSWERED_BEFORE)))
    if verdict.status is None:
        return Acted(_effect(incoming, verdict), is_told=True)
    acted = await _answer(connection, house, incoming, there, verdict)
    return replace(acted, is_told=acted.is_told or verdict.proposal is not None)


async def _answer(
    connection: AsyncConnection, house: House, incoming: Incoming, there: Participant, verdict: Verdict
) -> Acted:
    """Keep the answer, and let the one stand that was given last."""
    assert verdict.status is not None
    received = incoming.received
    given_at = answered_at(received.received_at, verdict.dtstamp, incoming.mail.sent_at)
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


async def _propose(connection: AsyncConnection, incoming: Incoming, there: Participant, verdict: Verdict) -> bool:
    """List the other time that is asked for, and tell the owner; False where it is listed already."""
    assert verdict.proposal is not None
    follow_up, proposal = incoming.follow_up, verdict.proposal
    end = proposal.end or proposal.start + (follow_up.end - follow_up.start)
    is_new = await keep_proposal(
        connection, follow_up, there.id, incoming.received.id, (proposal.start, end), proposal.comment, incoming.now
    )
    if is_new:
        await raise_revisions(connection, [follow_up.id], incoming.now)
        await _tell(connection, incoming, there, verdict, NotificationKind.PROPOSED_TIME, proposal.comment)
    return is_new


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
        dict(told.places),
        incoming.follow_up.id,
        verdict.participant,
        verdict.status,
    )
