"""The outbox: one row a mail, written in the transaction that causes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.addresses import address_key
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.ids import ReferenceId
from invito.services.mail.planning import MailAction, MailStep
from invito.services.mail.values import ClaimedMail, MailId, MailMethod, MailState
from invito.services.rules import Rules
from invito.services.storage.mail_tables import OutboxRow

# A statement's variables are bounded on both databases.
_BATCH = 5_000
# What tells where the invitation stands, so that the last one says it all.
_OF_THE_INVITATION = (MailMethod.REQUEST, MailMethod.CANCEL)


async def write_outbox(
    connection: AsyncConnection,
    follow_up: FollowUp,
    steps: Sequence[MailStep],
    domain: str | None,
    comment: str | None,
    now: datetime,
    delay: timedelta,
) -> None:
    """Queue what is to be sent, with Message-IDs of `domain`; what still waits for the same invitee gives way to it.

    A mail waits for `delay`, so that changes in quick succession become one; the wait begins with the first of them.
    What is just being sent, or may have been, stays as it is, and so does what a change does not say: a DECLINECOUNTER.
    """
    waiting_since: dict[ReferenceId, datetime] = {}
    going_out: set[ReferenceId] = set()
    references = [step.participant.reference_id for step in steps]
    for first in range(0, len(references), _BATCH):
        queued = _queued(follow_up, references[first : first + _BATCH])
        waiting = (*queued, OutboxRow.claimed_by.is_(None), OutboxRow.method.in_(_OF_THE_INVITATION))
        since = select(OutboxRow.reference_id, func.min(OutboxRow.created_at)).where(*waiting)
        for reference, created_at in await connection.execute(since.group_by(OutboxRow.reference_id)):
            waiting_since[ReferenceId(reference)] = created_at
        await connection.execute(delete(OutboxRow).where(*waiting))
        requests = select(OutboxRow.reference_id).where(*queued, OutboxRow.method == MailMethod.REQUEST)
        going_out.update(map(ReferenceId, (await connection.execute(requests)).scalars()))
    rows = []
    for step in steps:
        method = _method(step, going_out)
        # Without a mailbox there is nothing to send from, only what is taken back.
        if method is not None and domain is not None:
            since_when = waiting_since.get(step.participant.reference_id, now)
            row = _row(follow_up, step.participant, method, domain, comment, since_when, now, delay)
            rows.append(row | {"invited_by_id": follow_up.owner.reference_id if step.invites else None})
    if rows:
        await connection.execute(insert(OutboxRow), rows)


async def queue_mail(
    connection: AsyncConnection, rules: Rules, follow_up: FollowUp, to: Participant, method: MailMethod, now: datetime
) -> None:
    """Queue one mail beside what waits already; nothing where there is no mailbox to send it from."""
    domain = mail_domain(rules, follow_up)
    if domain is not None:
        row = _row(follow_up, to, method, domain, None, now, now, rules.mail.delay)
        await connection.execute(insert(OutboxRow), [row | {"invited_by_id": None}])


async def is_on_its_way(connection: AsyncConnection, follow_up: FollowUp, to: Participant, since: datetime) -> bool:
    """Whether a REQUEST to this invitee waits, or was sent since then. Rides on ix_outbox_pair."""
    query = select(OutboxRow.id).where(
        OutboxRow.follow_up_id == follow_up.id,
        OutboxRow.reference_id == to.reference_id,
        OutboxRow.method == MailMethod.REQUEST,
        or_(
            OutboxRow.state == MailState.QUEUED,
            and_(OutboxRow.state == MailState.SENT, OutboxRow.finished_at > since),
        ),
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def neighbours_of(
    connection: AsyncConnection, mails: Sequence[ClaimedMail]
) -> tuple[dict[MailId, str], frozenset[MailId]]:
    """The Message-IDs of the first mails about the follow-ups that these invitees got, and which mails are outdated.

    On ix_outbox_pair.
    """
    other = aliased(OutboxRow)
    same = (other.follow_up_id == OutboxRow.follow_up_id, other.reference_id == OutboxRow.reference_id)
    first = (
        select(other.message_id)
        .where(*same, other.state == MailState.SENT)
        .order_by(other.id)
        .limit(1)
        .scalar_subquery()
    )
    newer = exists().where(
        *same,
        other.state == MailState.QUEUED,
        other.method.in_((MailMethod.REQUEST, MailMethod.CANCEL)),
        other.recurrence_id == OutboxRow.recurrence_id,
        other.id > OutboxRow.id,
    )
    query = select(OutboxRow.id, first, newer).where(OutboxRow.id.in_([mail.id for mail in mails]))
    rows = (await connection.execute(query)).all()
    threads = {MailId(mail): thread for mail, thread, _ in rows if thread is not None}
    return threads, frozenset(MailId(mail) for mail, _, is_outdated in rows if is_outdated)


def mail_domain(rules: Rules, follow_up: FollowUp) -> str | None:
    """Of the address that the owner's mails come from, None where there is no mailbox for them."""
    if not rules.can_send(has_mailbox=follow_up.owner.has_mailbox):
        return None
    return (rules.mail_from or follow_up.owner.email or "").rpartition("@")[2] or None


def _row(
    follow_up: FollowUp,
    to: Participant,
    method: MailMethod,
    domain: str,
    comment: str | None,
    since: datetime,
    now: datetime,
    delay: timedelta,
) -> dict[str, object]:
    """A mail that waits since `since`, as the table keeps it."""
    return {
        "follow_up_id": follow_up.id,
        "reference_id": to.reference_id,
        "method": method,
        "sequence": follow_up.sequence,
        "stamped_at": now,
        "recurrence_id": "",
        "message_id": f"<{uuid4()}@{domain}>",
        "to_address": to.email,
        "address_key": None if to.email is None else address_key(to.email),
        "to_name": to.name,
        "comment": comment,
        "state": MailState.QUEUED,
        "created_at": since,
        "next_at": max(since + delay, now),
        "attempts": 0,
    }


def _queued(follow_up: FollowUp, references: Sequence[ReferenceId]) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxRow.follow_up_id == follow_up.id,
        OutboxRow.state == MailState.QUEUED,
        OutboxRow.reference_id.in_(references),
    )


def _method(step: MailStep, going_out: set[ReferenceId]) -> MailMethod | None:
    if step.action is MailAction.WITHDRAW and step.participant.reference_id in going_out:
        return MailMethod.CANCEL
    return step.method
