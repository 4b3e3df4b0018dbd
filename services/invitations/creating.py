"""Creating a follow-up with its first participants (F1, F8)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import uuid4

from invito.plugins.contract import Entry, ParticipantKind
from invito.services.access import check_is_employee
from invito.services.busy.references import hold_identities, identities_of, intern_groups
from invito.services.caller import Caller
from invito.services.errors import Refusal
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.commands import CreateFollowUp, InviteeWish
from invito.services.follow_ups.fields import new_follow_up
from invito.services.follow_ups.owners import keep_owner
from invito.services.follow_ups.values import (
    EmailDelivery,
    FollowUp,
    Owner,
    Participant,
    ParticipantRole,
    ParticipantStatus,
    StatusOrigin,
)
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId, ReferenceId
from invito.services.invitations import first_results
from invito.services.invitations.deciding import Decision, aliases_of, with_place_of
from invito.services.invitations.inviting import Resolved, resolve_invitees
from invito.services.invitations.roster import Roster, RosterWish, names_of
from invito.services.invitations.storing import publish, store
from invito.services.mail.invitation_limit import check_invitations
from invito.services.participants.overviews import open_overview_references

_NOBODY_YET = ReferenceId(0)


async def create_follow_up(house: House, caller: Caller, command: CreateFollowUp) -> FollowUpId:
    """
    :raises Refusal: nothing was created, for its reasons.
    """
    check_is_employee(caller)
    resolved = await resolve_first_invitees(house, caller, command)
    everyone = [cast(Entry, caller.employee).references, *(one.entry.references for one in resolved.candidates)]
    async with house.database.write() as connection:
        await hold_identities(connection, everyone)
        if command.idempotency_key is not None:
            first = await first_results.first_result(connection, caller, command.idempotency_key, command, house.now())
            if first is not None:
                return cast(FollowUpId, first["follow_up"])
        # Decided only now: a repeat gets its first result, whatever became of the invitees since.
        identities = await identities_of(connection, first_references(caller, resolved))
        now = house.now()
        decision = decide_creation(house, caller, command, resolved, identities, now)
        employee = cast(Entry, caller.employee)
        # All in one call: two that create at once would wait for each other's new references otherwise.
        numbers = await intern_groups(connection, everyone)
        owner = await keep_owner(connection, numbers[employee.reference].id, employee)
        change = replace(decision.change, after=replace(decision.change.after, owner=owner))
        await check_invitations(connection, house.rules, change, owner.reference_id, decision.inviting_at, now)
        change = await store(connection, house, change, decision.aliases, None, now)
        if command.idempotency_key is not None:
            result: first_results.Result = {"follow_up": change.after.id}
            await first_results.keep_result(connection, caller, command.idempotency_key, result)
    await publish(house, change)
    return change.after.id


async def resolve_first_invitees(house: House, caller: Caller, command: CreateFollowUp) -> Resolved:
    """Those whom the command names, and after them those whose overviews the caller has open (F8)."""
    named = await resolve_invitees(
        house, caller, command.invitees, ("invitees",), wants_email=command.email_invitations
    )
    if not command.with_open_overviews:
        return named
    wishes = [InviteeWish(reference) for reference in await open_overview_references(house, caller)]
    # Whoever is gone since the overview was opened is left out without a word: nobody asked for them here.
    overviews = await resolve_invitees(house, caller, wishes, (), wants_email=command.email_invitations)
    everyone = Resolved((*named.candidates, *overviews.candidates), named.errors)
    async with house.database.read() as connection:
        identities = await identities_of(connection, first_references(caller, everyone))
    there = set(names_of(first_references(caller, named), identities))
    taken_in = []
    for one in overviews.candidates:
        names = names_of(one.entry.references, identities)
        if there.isdisjoint(names):
            taken_in.append(one)
        there.update(names)
    return Resolved((*named.candidates, *taken_in), named.errors)


def first_references(caller: Caller, resolved: Resolved) -> list[str]:
    """What the owner and those whom the command names are known by."""
    named = (reference for one in resolved.candidates for reference in one.entry.references)
    return [*caller.references, *named]


def decide_creation(
    house: House,
    caller: Caller,
    command: CreateFollowUp,
    resolved: Resolved,
    identities: Mapping[str, ReferenceId],
    now: datetime,
) -> Decision:
    """The new follow-up with everyone who takes part; its ids come when it is stored.

    `identities` are those of the references that were ever seen.

    :raises Refusal: all that is wrong with the command.
    """
    employee = cast(Entry, caller.employee)
    owner = Owner(_NOBODY_YET, employee.reference, employee.name, employee.email, employee.groups)
    errors = [*resolved.errors]
    follow_up: FollowUp | None = None
    try:
        follow_up = new_follow_up(command, owner, caller.time_zone, str(uuid4()), now)
    except Refusal as refusal:
        errors = [*refusal.errors, *errors]
    owner_row = _owner_row(house, employee, identities.get(employee.reference, _NOBODY_YET), now)
    roster = Roster(FollowUpId(0), house.rules, caller.can_send, now, [owner_row], identities)
    wish = RosterWish(add=resolved.candidates)
    roster.apply(wish)
    errors.extend(roster.errors)
    if errors or follow_up is None:
        raise Refusal(*errors)
    invited = [roster.participants[place].reference for place in roster.invited]
    follow_up = with_place_of(follow_up, wish.add, invited)
    change = Change(None, follow_up, (), tuple(roster.participants))
    aliases = aliases_of(resolved.candidates)
    return Decision(change, tuple(roster.invited), tuple(roster.already), aliases, ("invitees",))


def _owner_row(house: House, employee: Entry, identity: ReferenceId, now: datetime) -> Participant:
    """The owner is a participant too: OWNER, ACCEPTED."""
    return Participant(
        id=ParticipantId(0), follow_up_id=FollowUpId(0), reference_id=_NOBODY_YET, identity=identity,
        reference=employee.reference, position=0, source=house.plugins.source_key_of(employee.reference),
        kind=ParticipantKind.EMPLOYEE, role=ParticipantRole.OWNER, name=employee.name, email=employee.email,
        is_location=False, status=ParticipantStatus.ACCEPTED, status_origin=StatusOrigin.AUTOMATIC,
        status_changed_at=now, decline_reason=None, was_seen=True, wants_email=False,
        email_delivery=EmailDelivery.NOT_SENT, email_sent_at=None, held_sequence=None, email_error=None,
        invited_at=now, removed_at=None,
    )  # fmt: skip
