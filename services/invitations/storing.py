"""A change, written down: rows, busy spans, notifications, mails and events, all in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Span
from invito.services.busy.references import intern_groups
from invito.services.busy.spans import add_busy, remove_busy
from invito.services.changes import follow_up_topic, notification_topic
from invito.services.events.recording import record_events
from invito.services.follow_ups.change import Change
from invito.services.follow_ups.participant_repository import insert_participants, update_participants
from invito.services.follow_ups.repository import insert_follow_up, update_follow_up_row
from invito.services.follow_ups.values import Participant
from invito.services.house import House
from invito.services.ids import FollowUpId
from invito.services.invitations.events_of_change import events_of
from invito.services.mail.outbox import mail_domain, write_outbox
from invito.services.mail.planning import mail_steps, with_delivery
from invito.services.notifications.planning import notices_of, with_notices
from invito.services.notifications.repository import tell_invitees

Aliases = Mapping[str, Sequence[str]]


async def store(
    connection: AsyncConnection, house: House, change: Change, aliases: Aliases, comment: str | None, now: datetime
) -> Change:
    """Store a settled change; the same with the ids that the database gave. `aliases` are of those who are new."""
    domain = mail_domain(house.rules, change.after)
    steps = mail_steps(change, can_send=domain is not None)
    actions = {step.participant.reference: step.action for step in steps}
    participants = tuple(
        with_delivery(one, actions[one.reference]) if one.reference in actions else one for one in change.participants
    )
    change = await _store_rows(connection, with_notices(replace(change, participants=participants)), aliases)
    await _store_busy_spans(connection, change)
    numbered = {one.reference: one for one in change.participants}
    if steps:
        steps = [replace(step, participant=numbered[step.participant.reference]) for step in steps]
        await write_outbox(connection, change.after, steps, domain, comment, now, house.rules.mail.delay)
    await tell_invitees(connection, change.after, notices_of(change), comment, now)
    await record_events(connection, house.plugins, events_of(change, now))
    return change


async def publish(house: House, change: Change, *told: str) -> None:
    """After commit: poke those who look at the follow-up and those who were told something, `told` among them."""
    references = {*told, *(notice.participant.reference for notice in notices_of(change))}
    recipients = map(notification_topic, references)
    house.events.poke()
    house.outbox_poked.set()
    await house.changes.tell([follow_up_topic(change.after.id), *sorted(recipients)])


async def _store_rows(connection: AsyncConnection, change: Change, aliases: Aliases) -> Change:
    if change.before is None:
        follow_up = replace(change.after, id=await insert_follow_up(connection, change.after))
    else:
        follow_up = change.after
        await update_follow_up_row(connection, follow_up)
    old = change.participants[: len(change.participants_before)]
    await update_participants(
        connection,
        [after for before, after in zip(change.participants_before, old, strict=True) if before != after],
    )
    new = change.participants[len(old) :]
    added = await _numbered(connection, new, follow_up.id, aliases)
    return replace(change, after=follow_up, participants=(*old, *added))


async def _numbered(
    connection: AsyncConnection, new: Sequence[Participant], follow_up: FollowUpId, aliases: Aliases
) -> list[Participant]:
    groups = [(one.reference, *aliases.get(one.reference, ())) for one in new]
    numbers = await intern_groups(connection, groups)
    new = [
        replace(
            one,
            follow_up_id=follow_up,
            reference_id=numbers[one.reference].id,
            identity=numbers[one.reference].identity,
        )
        for one in new
    ]
    ids = await insert_participants(connection, new)
    return [replace(one, id=number) for one, number in zip(new, ids, strict=True)]


async def _store_busy_spans(connection: AsyncConnection, change: Change) -> None:
    """In the transaction that changes a follow-up, so that a conflict never shows a time that is no more."""
    before, after = change.busy_before, change.busy_after
    span = Span(change.after.start, change.after.end)
    if change.moved:
        await remove_busy(connection, change.after.id, before)
        await add_busy(connection, change.after.id, span, after)
        return
    await remove_busy(connection, change.after.id, before - after)
    await add_busy(connection, change.after.id, span, after - before)
