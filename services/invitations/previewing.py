"""What saving would do, without doing it: the open dialog before Save (F10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, Span
from invito.services.access import check_is_employee
from invito.services.busy.references import identities_of, interned
from invito.services.caller import Caller
from invito.services.errors import Refusal, UserError
from invito.services.follow_ups.access import check_may_change
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.commands import CreateFollowUp, SaveParticipants
from invito.services.follow_ups.envelopes import EmailInvitation, email_invitation
from invito.services.follow_ups.repository import visible_follow_ups
from invito.services.follow_ups.values import Participant, ParticipantRole, ParticipantStatus
from invito.services.house import House
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.invitations.changing import save_ask, standing_of
from invito.services.invitations.conflicts import stands_with_conflict
from invito.services.invitations.creating import decide_creation, first_references, resolve_first_invitees
from invito.services.invitations.deciding import Decision, decide
from invito.services.mail.invitation_limit import check_invitations
from invito.services.participants.listing import ListedEntry, listed


@dataclass(frozen=True, slots=True)
class PreviewedParticipant:
    """A participant as it would stand in the Participants tab."""

    listed: ListedEntry
    role: ParticipantRole
    status: ParticipantStatus
    has_conflict: bool
    email: EmailInvitation


@dataclass(frozen=True, slots=True)
class Preview:
    """Everyone who would take part, the owner first; or why nothing would be saved."""

    participants: tuple[PreviewedParticipant, ...] = ()
    errors: tuple[UserError, ...] = ()

    @property
    def has_conflict(self) -> bool:
        return any(one.has_conflict for one in self.participants)


async def preview_creation(house: House, caller: Caller, command: CreateFollowUp) -> Preview:
    """What `create_follow_up` would store."""
    try:
        check_is_employee(caller)
        resolved = await resolve_first_invitees(house, caller, command)
        async with house.database.read() as connection:
            identities = await identities_of(connection, first_references(caller, resolved))
            decision = decide_creation(house, caller, command, resolved, identities, house.now())
            await _check_invitations(connection, house, caller, decision)
    except Refusal as refusal:
        return Preview(errors=refusal.errors)
    return await _preview(house, caller, decision.change, decision.aliases)


async def preview_save(house: House, caller: Caller, command: SaveParticipants) -> Preview:
    """What `save_participants` would store."""
    try:
        check_is_employee(caller)
        ask = await save_ask(house, caller, command)
        async with house.database.read() as connection:
            found = await visible_follow_ups(connection, caller, [command.id])
            there = check_may_change(caller, found.get(command.id), ask.at)
            standing = await standing_of(connection, there, ask)
            decision = decide(ask, standing, caller, house.rules, house.now())
            await _check_invitations(connection, house, caller, decision)
    except Refusal as refusal:
        return Preview(errors=refusal.errors)
    return await _preview(house, caller, decision.change, decision.aliases)


async def _check_invitations(connection: AsyncConnection, house: House, caller: Caller, decision: Decision) -> None:
    """
    :raises Refusal: TOO_MANY; who never owned anything has not invited anybody.
    """
    owner = (await interned(connection, caller.references[:1])).get(caller.references[0])
    number = ReferenceId(0) if owner is None else owner.id
    await check_invitations(connection, house.rules, decision.change, number, decision.inviting_at, house.now())


async def _preview(house: House, caller: Caller, change: Change, aliases: dict[str, tuple[str, ...]]) -> Preview:
    """The list as it would stand, with who is busy at the time that it would have."""
    follow_up, before = change.after, change.before
    participants = [one for one in change.participants if one.removed_at is None]
    entries = await _entries(house, caller, participants, aliases)
    span = Span(follow_up.start, follow_up.end)
    apart_from: FollowUpId | None = None if before is None else before.id
    offered = await listed(house, caller, entries, span, apart_from, even_unavailable=True)
    return Preview(
        tuple(
            PreviewedParticipant(
                one,
                participant.role,
                participant.status,
                stands_with_conflict(follow_up, participant, one.availability),
                email_invitation(participant, can_send=caller.can_send),
            )
            for one, participant in zip(offered.entries, participants, strict=True)
        )
    )


async def _entries(
    house: House, caller: Caller, participants: Sequence[Participant], aliases: dict[str, tuple[str, ...]]
) -> list[Entry]:
    """The participants as entries, with what the directory knows besides; their own copy where it knows nothing."""
    found, _ = await house.desk.resolve(caller.asker, [one.reference for one in participants])
    return [
        replace(
            found.get(one.reference, Entry(one.reference, one.kind, one.name)),
            name=one.name,
            email=one.email,
            aliases=aliases.get(one.reference, ()),
        )
        for one in participants
    ]
