"""What became of mails, written down in one transaction where they are still ours, and shown to who looks (F23)."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.plugins.events import EmailSent
from invito.services.changes import follow_up_topic, notification_topic
from invito.services.events.recording import record_events
from invito.services.follow_ups.participant_repository import participants_there
from invito.services.follow_ups.repository import raise_revisions, stored_follow_ups
from invito.services.house import House
from invito.services.ids import ParticipantId
from invito.services.mail.delivery_queue import RUN_OUT, UNCLAIMED
from invito.services.mail.delivery_results import DeliveryResult, Fate, InviteeMailState, mail_state_after
from invito.services.mail.retrying import pause_after
from invito.services.mail.values import MailId, MailState
from invito.services.notifications.repository import tell_owner
from invito.services.notifications.values import NotificationKind
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow, ReferenceRow
from invito.services.storage.mail_tables import OutboxRow

_SENT = "invito_email_sent"
_MAIL_STATE = tuple(field.name for field in fields(InviteeMailState))
_Waiting = aliased(OutboxRow)
# Another mail that waits for the same invitee. On ix_outbox_pair.
_MORE_WAITS = exists().where(
    _Waiting.follow_up_id == ParticipantRow.follow_up_id,
    _Waiting.reference_id == ParticipantRow.reference_id,
    _Waiting.state == MailState.QUEUED,
)
_STORE_MAIL_STATES = (
    update(ParticipantRow.__table__)  # type: ignore[arg-type]  # the table, since ORM updates take no own WHERE
    .where(ParticipantRow.id == bindparam("participant"))
    .values({name: bindparam(f"new_{name}") for name in _MAIL_STATE})
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Which of the results are of mails that were still ours, and the topics to poke now that they are written down."""

    ours: frozenset[DeliveryResult]
    topics: tuple[str, ...]


async def record_results(house: House, results: Sequence[DeliveryResult]) -> Recorded:
    """Write down what became of these; nothing of a mail whose claim had run out, which another worker has."""
    now = house.now()
    try:
        async with house.database.write() as connection:
            # The follow-ups first, as changes do, so that no two wait for each other forever.
            await raise_revisions(connection, {result.mail.follow_up for result in results}, now)
            ours = await _keep(connection, results, now)
            if not ours:
                raise _NoneOurs
            invitees = await _store_mail_states(connection, ours, now)
            failed = [invitees[result.mail.id] for result in ours if result.fate is Fate.FAILED]
            owners = await _tell_owners(connection, failed, now) if failed else ()
            await _tell_plugins(house, connection, ours, now)
    except _NoneOurs:
        return Recorded(frozenset(), ())
    shown = {result.mail.follow_up for result in ours}
    return Recorded(frozenset(ours), (*map(follow_up_topic, shown), *map(notification_topic, owners)))


class _NoneOurs(Exception):
    """Other workers have all of the mails: nothing is written."""


async def _keep(connection: AsyncConnection, results: Sequence[DeliveryResult], now: datetime) -> list[DeliveryResult]:
    """Those whose mails are still ours, which say so now. All that were sent say the same; others are few."""
    sent = [result for result in results if result.fate is Fate.SENT]
    kept = []
    if sent:
        values = {"state": MailState.SENT, "finished_at": now, "diagnosis": None} | UNCLAIMED
        statement = update(OutboxRow).where(_ours(sent)).values(values).returning(OutboxRow.id)
        there = set((await connection.execute(statement)).scalars())
        kept = [result for result in sent if result.mail.id in there]
    for result in results:
        if result.fate is not Fate.SENT and await _keep_unsent(connection, result, now):
            kept.append(result)
    return kept


async def _keep_unsent(connection: AsyncConnection, result: DeliveryResult, now: datetime) -> bool:
    this = _ours([result])
    if result.fate is Fate.DROPPED:
        return (await connection.execute(delete(OutboxRow).where(this))).rowcount > 0
    if result.fate is Fate.FAILED:
        values = {"state": MailState.FAILED, "finished_at": now} | UNCLAIMED
    else:
        values = {"next_at": now + pause_after(result.mail.attempts)} | (RUN_OUT if result.may_be_out else UNCLAIMED)
    statement = update(OutboxRow).where(this).values(values | {"diagnosis": result.words})
    return (await connection.execute(statement)).rowcount > 0


def _ours(results: Sequence[DeliveryResult]) -> ColumnElement[bool]:
    """The rows of these mails whose claims are still those that they were sent under."""
    claimed = [(result.mail.id, result.mail.claim) for result in results]
    return and_(
        # Of the two that say the same, this one rides on the index.
        OutboxRow.id.in_([mail for mail, _ in claimed]),
        tuple_(OutboxRow.id, OutboxRow.claimed_by).in_(claimed),
        OutboxRow.state == MailState.QUEUED,
    )


async def _store_mail_states(
    connection: AsyncConnection, results: Sequence[DeliveryResult], now: datetime
) -> dict[MailId, ParticipantId]:
    """Show each invitee's envelope as it is now; whom each mail is to, who may have been removed."""
    follow_ups, references = ({getattr(result.mail, name) for result in results} for name in ("follow_up", "invitee"))
    query = select(
        ParticipantRow.follow_up_id,
        ParticipantRow.reference_id,
        ParticipantRow.id,
        _MORE_WAITS,
        *(getattr(ParticipantRow, name) for name in _MAIL_STATE),
    ).where(ParticipantRow.follow_up_id.in_(follow_ups), ParticipantRow.reference_id.in_(references))
    there = {(one[0], one[1]): one[2:] for one in await connection.execute(query)}
    rows, invitees = [], {}
    for result in results:
        participant, more_waits, *kept = there[result.mail.follow_up, result.mail.invitee]
        after = mail_state_after(result, InviteeMailState(*kept), now, more_waits=more_waits)
        rows.append({"participant": participant} | {f"new_{name}": value for name, value in asdict(after).items()})
        invitees[result.mail.id] = ParticipantId(participant)
    await connection.execute(_STORE_MAIL_STATES, rows)
    return invitees


async def _tell_owners(connection: AsyncConnection, invitees: Collection[ParticipantId], now: datetime) -> set[str]:
    """Tell the owners that mails failed; their references."""
    participants = await participants_there(connection, invitees)
    follow_ups = await stored_follow_ups(connection, {one.follow_up_id for one in participants})
    for one in participants:
        await tell_owner(connection, follow_ups[one.follow_up_id], NotificationKind.EMAIL_FAILED, one, now)
    return {follow_up.owner.reference for follow_up in follow_ups.values()}


async def _tell_plugins(
    house: House, connection: AsyncConnection, results: Sequence[DeliveryResult], now: datetime
) -> None:
    """Keep what plugins are told of the mails that were handed over, where any of them listens."""
    sent = [result.mail.id for result in results if result.fate is Fate.SENT]
    if not sent or not house.plugins.hooks.listens(_SENT):
        return
    query = (
        select(FollowUpRow.uid, ReferenceRow.text, OutboxRow.method, OutboxRow.message_id)
        .join(FollowUpRow, FollowUpRow.id == OutboxRow.follow_up_id)
        .join(ReferenceRow, ReferenceRow.id == OutboxRow.reference_id)
        .where(OutboxRow.id.in_(sent))
        .order_by(OutboxRow.id)
    )
    rows = await connection.execute(query)
    events = [(_SENT, EmailSent(uid, who, method.value, message_id, now)) for uid, who, method, message_id in rows]
    await record_events(connection, house.plugins, events)
