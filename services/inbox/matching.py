"""Which follow-up and which invitee a mail is about: by the tags in the addresses that it came to, else by its UID."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.ids import FollowUpId, ParticipantId
from invito.services.inbox.receiving import Envelope
from invito.services.itip.understood import UnderstoodMail
from invito.services.signing import Keyring, Purpose
from invito.services.storage.follow_up_tables import FollowUpRow, ReferenceRow


def tagged_follow_up(keys: Keyring, envelope: Envelope, mail: UnderstoodMail) -> FollowUpId | None:
    """The follow-up whose signed tag is in a recipient's address, or in the object's ORGANIZER (rule 3)."""
    number = _number(keys, Purpose.FOLLOW_UP_TAG, (*envelope.rcpt_to, *mail.recipients, *mail.organizers))
    return None if number is None else FollowUpId(number)


def tagged_participant(keys: Keyring, envelope: Envelope, mail: UnderstoodMail) -> ParticipantId | None:
    """Whom a bounce is about: the tag of our MAIL FROM, which it was returned to."""
    number = _number(keys, Purpose.INVITEE_TAG, (*envelope.rcpt_to, *mail.recipients))
    return None if number is None else ParticipantId(number)


async def follow_up_of_uids(connection: AsyncConnection, uids: Iterable[str]) -> FollowUpId | None:
    """The follow-up with one of these UIDs: the first that there is."""
    for uid in uids:
        found = (await connection.execute(select(FollowUpRow.id).where(FollowUpRow.uid == uid))).scalar_one_or_none()
        if found is not None:
            return FollowUpId(found)
    return None


async def may_speak_of(connection: AsyncConnection, envelope: Envelope, follow_up: FollowUpId) -> bool:
    """Whether a mail from there may be about the follow-up at all.

    What lay in an employee's own mailbox counts for what they own alone: they could have put anything there.
    """
    if envelope.mailbox_owner is None:
        return True
    owner, theirs = aliased(ReferenceRow), aliased(ReferenceRow)
    query = (
        select(FollowUpRow.id)
        .join(owner, owner.id == FollowUpRow.owner_reference_id)
        .join(theirs, theirs.identity_id == owner.identity_id)
        .where(FollowUpRow.id == follow_up, theirs.id == envelope.mailbox_owner)
    )
    return (await connection.execute(query)).first() is not None


def _number(keys: Keyring, purpose: Purpose, addresses: Iterable[str]) -> int | None:
    for address in addresses:
        _, plus, tag = address.rpartition("@")[0].rpartition("+")
        number = keys.number_in(purpose, tag) if plus else None
        if number is not None:
            return number
    return None
