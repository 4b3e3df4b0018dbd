"""What an owner does to a follow-up: one transaction each, all of it or nothing (F2, F10)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.busy.references import identities_of
from invito.services.caller import Caller
from invito.services.follow_ups.access import check_may_change
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.commands import (
    InviteParticipants,
    NotifyInvitees,
    RemoveParticipants,
    SaveParticipants,
    UpdateFollowUp,
)
from invito.services.follow_ups.participant_repository import all_participants
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import follow_up_to_change
from invito.services.follow_ups.values import FollowUp
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations import first_results
from invito.services.invitations.deciding import Ask, Decision, Standing, decide
from invito.services.invitations.inviting import resolve_invitees
from invito.services.invitations.roster import RosterWish
from invito.services.invitations.storing import publish, store
from invito.services.invitations.wishes import save_wish
from invito.services.mail.invitation_limit import check_invitations


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited by the call, and who was invited already."""

    follow_up: FollowUpId
    invited: tuple[ParticipantId, ...]
    already_invited: tuple[ParticipantId, ...]


async def update_follow_up(house: House, caller: Caller, command: UpdateFollowUp) -> FollowUpId:
    """
    :raises Refusal: nothing was changed, for its reasons.
    """
    wish, problems = await save_wish(house, caller, command.participants, ("participants",))
    ask = Ask(
        command.id, ("id",), wish, command.fields, problems=problems,
        is_quiet=command.notify is NotifyInvitees.NONE,
        expected_version=command.expected_version, idempotency_key=command.idempotency_key,
    )  # fmt: skip
    return (await change_follow_up(house, caller, ask, command)).follow_up


async def save_participants(house: House, caller: Caller, command: SaveParticipants) -> FollowUpId:
    """Save in the dialog.

    :raises Refusal: nothing was changed, for its reasons.
    """
    ask = await save_ask(house, caller, command)
    return (await change_follow_up(house, caller, ask, command)).follow_up


async def save_ask(house: House, caller: Caller, command: SaveParticipants) -> Ask:
    """The same ask for saving and for its preview."""
    wish, problems = await save_wish(house, caller, command.changes, ("changes",))
    return Ask(
        command.id, ("followUpId",), wish, problems=problems,
        expected_version=command.expected_version, idempotency_key=command.idempotency_key,
    )  # fmt: skip


async def invite_participants(house: House, caller: Caller, command: InviteParticipants) -> Invited:
    """
    :raises Refusal: nobody was invited, for its reasons.
    """
    resolved = await resolve_invitees(
        house, caller, command.invitees, ("invitees",), wants_email=command.email_invitations
    )
    ask = Ask(
        command.id, ("followUpId",), RosterWish(add=resolved.candidates), problems=resolved.errors,
        expected_version=command.expected_version, idempotency_key=command.idempotency_key,
    )  # fmt: skip
    return await change_follow_up(house, caller, ask, command)


async def remove_participants(house: House, caller: Caller, command: RemoveParticipants) -> FollowUpId:
    """
    :raises Refusal: nobody was removed, for its reasons.
    """
    wish = RosterWish(remove=[(one, ("participantIds", str(place))) for place, one in enumerate(command.participants)])
    ask = Ask(
        command.id, ("followUpId",), wish,
        expected_version=command.expected_version, idempotency_key=command.idempotency_key,
    )  # fmt: skip
    return (await change_follow_up(house, caller, ask, command)).follow_up


async def change_follow_up(
    house: House,
    caller: Caller,
    ask: Ask,
    command: object,
    check: Callable[[AsyncConnection], Awaitable[None]] | None = None,
) -> Invited:
    """Carry out an ask in one transaction; `command` is what a repeat under its idempotency key is compared with.

    `check` raises what else speaks against it, asked while the follow-up is held.

    :raises Refusal: nothing was changed, for its reasons.
    """
    async with house.database.write() as connection:
        everyone = [one.entry.references for one in ask.invitees]
        there = check_may_change(caller, await follow_up_to_change(connection, caller, ask.follow_up, everyone), ask.at)
        if ask.idempotency_key is not None:
            first = await first_results.first_result(connection, caller, ask.idempotency_key, command, house.now())
            if first is not None:
                return _kept(first)
        now = time_of_change(house, there)
        decision = decide(ask, await standing_of(connection, there, ask), caller, house.rules, now)
        if check is not None:
            await check(connection)
        change, comment = decision.change, ask.comment
        if not change.is_nothing:
            owner = there.owner.reference_id
            await check_invitations(connection, house.rules, change, owner, decision.inviting_at, now)
            change = await store(connection, house, change, decision.aliases, comment, now)
        outcome = _outcome(change, decision)
        if ask.idempotency_key is not None:
            await first_results.keep_result(connection, caller, ask.idempotency_key, _keepable(outcome))
    if not change.is_nothing:
        await publish(house, change)
    return outcome


async def standing_of(connection: AsyncConnection, there: FollowUp, ask: Ask) -> Standing:
    """What is decided upon: who takes part, and which of those to be invited are known by other references too."""
    participants = await all_participants(connection, there.id)
    to_invite = (reference for one in ask.invitees for reference in one.entry.references)
    return Standing(there, participants, await identities_of(connection, to_invite))


def _outcome(change: Change, decision: Decision) -> Invited:
    return Invited(
        change.after.id,
        tuple(change.participants[place].id for place in decision.invited),
        tuple(change.participants[place].id for place in decision.already_invited),
    )


def _keepable(outcome: Invited) -> first_results.Result:
    return {
        "follow_up": outcome.follow_up,
        "invited": list(outcome.invited),
        "already_invited": list(outcome.already_invited),
    }


def _kept(result: first_results.Result) -> Invited:
    return Invited(
        cast(FollowUpId, result["follow_up"]),
        tuple(cast(list[ParticipantId], result["invited"])),
        tuple(cast(list[ParticipantId], result["already_invited"])),
    )
