"""Storing one plan by the rules that every follow-up is stored by: created, answered, called off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.demo.plans import Plan
from invito.plugins.contract import Entry, Language, ParticipantKind, ViewerIdentity
from invito.services.caller import Caller
from invito.services.follow_ups.change import Change, settle
from invito.services.follow_ups.statuses import with_status
from invito.services.follow_ups.values import (
    EmailDelivery,
    Owner,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    StatusOrigin,
)
from invito.services.house import House
from invito.services.invitations.creating import decide_creation
from invito.services.invitations.inviting import Resolved
from invito.services.invitations.roster import Candidate
from invito.services.invitations.storing import store
from invito.services.notifications.repository import tell_owner
from invito.services.notifications.values import NotificationKind

_ANSWERS = (ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE, ParticipantStatus.DECLINED)
_BY_THEMSELVES = (StatusOrigin.ANSWERED, StatusOrigin.EMAIL_REPLY)
_LATER = timedelta(hours=1)
# What an owner notes of a customer who answered by telephone.
_NOTED = (ParticipantStatus.ACCEPTED, ParticipantStatus.DECLINED)


async def store_plan(
    connection: AsyncConnection, house: House, plan: Plan, owner: Owner, entries: Mapping[str, Entry], now: datetime
) -> None:
    """The owner plans it at `now`, all answers come an hour later, and what is called off is so a day later.

    Where invitations went out by mail, they are there already, and so are the answers to them.
    """
    employee = entries[owner.reference]
    identity = ViewerIdentity(employee.email or "", employee.references)
    caller = Caller(identity, employee, Language.NB, house.rules.time_zone, can_send=True)
    decision = decide_creation(house, caller, plan.command, Resolved(_candidates(house, plan, entries), ()), {}, now)
    created = replace(decision.change, after=replace(decision.change.after, owner=owner))
    answered = _answered(_mailed(created, now), plan, now + _LATER)
    change = await store(connection, house, answered, decision.aliases, None, now)
    for one in change.participants:
        if one.status_origin in _BY_THEMSELVES and one.status in _ANSWERS:
            await tell_owner(connection, change.after, NotificationKind[one.status.name], one, now + _LATER)
    if plan.is_cancelled:
        await _call_off(connection, house, change, now + timedelta(days=1))


def _candidates(house: House, plan: Plan, entries: Mapping[str, Entry]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            entries[reference],
            house.plugins.source_key_of(reference),
            ParticipantRole.REQUIRED,
            plan.command.email_invitations,
            ("invitees", str(place)),
        )
        for place, reference in enumerate(plan.invitees)
    )


def _mailed(created: Change, now: datetime) -> Change:
    """Whoever is invited by mail holds the invitation."""
    sequence = created.after.sequence
    participants = (
        replace(one, email_delivery=EmailDelivery.SENT, email_sent_at=now, held_sequence=sequence)
        if one.wants_email
        else one
        for one in created.participants
    )
    return replace(created, participants=tuple(participants))


def _answered(created: Change, plan: Plan, now: datetime) -> Change:
    """The follow-up as created and answered, so that both are stored at once: the office is to load in a moment."""
    owner, *invitees = created.participants
    answers = zip(invitees, plan.answers, strict=True)
    participants = (owner, *(_with_answer(one, answer, plan.reason, now) for one, answer in answers))
    count = sum(before is not after for before, after in zip(created.participants, participants, strict=True))
    after = created.after
    if count:
        after = replace(after, revision=after.revision + count, updated_at=now)
    return replace(created, after=after, participants=participants)


def _with_answer(one: Participant, answer: ParticipantStatus | None, reason: str, now: datetime) -> Participant:
    """Employees answer themselves, customers by mail, or the owner notes it; resources have accepted already."""
    if answer is not None and one.kind is ParticipantKind.EMPLOYEE:
        return with_status(one, answer, StatusOrigin.ANSWERED, reason, now)
    if answer in _ANSWERS and one.kind is ParticipantKind.PERSON and one.wants_email:
        return with_status(one, answer, StatusOrigin.EMAIL_REPLY, reason, now)
    if answer in _NOTED and one.kind is ParticipantKind.PERSON:
        return with_status(one, answer, StatusOrigin.ON_BEHALF, reason, now)
    return one


async def _call_off(connection: AsyncConnection, house: House, there: Change, now: datetime) -> None:
    """Whoever held an invitation got word of that by mail too."""
    after = replace(there.after, is_cancelled=True)
    participants = tuple(
        one if one.held_sequence is None else replace(one, held_sequence=None, email_sent_at=now)
        for one in there.participants
    )
    await store(
        connection,
        house,
        settle(Change(there.after, after, there.participants, participants), now),
        {},
        None,
        now,
    )
