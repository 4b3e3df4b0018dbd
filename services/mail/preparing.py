"""All that a mail needs to be built, read anew each time it is tried: it says what is so now."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Language
from invito.services.caller import Asker
from invito.services.follow_ups.participant_repository import all_participants
from invito.services.follow_ups.repository import follow_up_of, follow_ups_select
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.house import House
from invito.services.mail.answer_links import answer_link
from invito.services.mail.letters import Letter
from invito.services.mail.senders import sender_of
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import ClaimedMail, MailMethod, MailState
from invito.services.mailboxes.repository import mailbox_of
from invito.services.storage.follow_up_tables import FollowUpRow
from invito.services.storage.mail_tables import OutboxRow


async def letter_of(house: House, mail: ClaimedMail) -> Letter | None:
    """The mail with all that it says; None for a CANCEL to somebody who holds no invitation.

    :raises TemporaryFailure: there is no mailbox to send it from.
    """
    async with house.database.read() as connection:
        query = follow_ups_select().where(FollowUpRow.id == mail.follow_up)
        follow_up = follow_up_of((await connection.execute(query)).one())
        everyone = await all_participants(connection, mail.follow_up)
        thread = await _thread(connection, mail)
        owner = follow_up.owner
        own = await mailbox_of(connection, house.keys, owner.reference_id) if owner.has_mailbox else None
    invitee = next(one for one in everyone if one.reference_id == mail.invitee)
    if mail.method is MailMethod.CANCEL and invitee.held_sequence is None:
        return None
    sender = sender_of(house.keys, house.rules.mail_from, own, follow_up, invitee.id)
    if sender is None:
        raise TemporaryFailure("there is no mailbox to send from: neither the owner's nor the service's")
    language, time_zone = await _reader(house, invitee, follow_up)
    return Letter(
        mail=mail,
        follow_up=follow_up,
        participants=tuple(one for one in everyone if one.removed_at is None or one is invitee),
        invitee=invitee,
        sender=sender,
        language=language,
        time_zone=time_zone,
        answer_url=answer_link(house, follow_up, invitee.id),
        thread=thread,
        sent_at=house.now(),
    )


async def _thread(connection: AsyncConnection, mail: ClaimedMail) -> str | None:
    """The Message-ID of the first mail about the follow-up that this invitee got. On ix_outbox_pair."""
    query = (
        select(OutboxRow.message_id)
        .where(
            OutboxRow.follow_up_id == mail.follow_up,
            OutboxRow.reference_id == mail.invitee,
            OutboxRow.state == MailState.SENT,
        )
        .order_by(OutboxRow.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def _reader(house: House, invitee: Participant, follow_up: FollowUp) -> tuple[Language, str]:
    """The invitee's language and time zone, as far as their source knows them."""
    language = house.rules.language
    found, _ = await house.desk.resolve(Asker(None, language, follow_up.time_zone), [invitee.reference])
    entry = found.get(invitee.reference)
    if entry is None:
        return language, follow_up.time_zone
    return entry.language or language, _known_zone(entry.time_zone) or follow_up.time_zone


def _known_zone(name: str | None) -> str | None:
    """The name where it is a zone's: a source may say anything."""
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):  # unknown, or no name at all
        return None
