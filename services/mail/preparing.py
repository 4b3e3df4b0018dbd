"""All that mails need to be built, read anew each time they are tried: they say what is so now.

Mails that were claimed together are read together, by a number of statements that none of them adds to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from invito.plugins.contract import Entry, Language
from invito.services.caller import Asker
from invito.services.follow_ups.participant_repository import participants_of_all
from invito.services.follow_ups.repository import stored_follow_ups
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.house import House
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.answer_links import answer_link
from invito.services.mail.letters import Letter
from invito.services.mail.outbox import neighbours_of
from invito.services.mail.senders import sender_of
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import ClaimedMail, MailId, MailMethod
from invito.services.mailboxes.repository import mailboxes_of
from invito.services.mailboxes.values import Mailbox


@dataclass(frozen=True, slots=True)
class Background:
    """What is so now about the follow-ups of some mails.

    `invitees` and `threads` are by mail: to whom it is, and the Message-ID of the first one that they got. `outdated`
    are those behind which a newer one waits that says how things stand. `mailboxes` are by owner, `entries` by
    reference.
    """

    follow_ups: Mapping[FollowUpId, FollowUp]
    participants: Mapping[FollowUpId, Sequence[Participant]]
    invitees: Mapping[MailId, Participant]
    threads: Mapping[MailId, str]
    outdated: frozenset[MailId]
    mailboxes: Mapping[ReferenceId, Mailbox]
    entries: Mapping[str, Entry]


async def background_of(house: House, mails: Sequence[ClaimedMail]) -> Background:
    """What these mails need to be built."""
    ids = {mail.follow_up for mail in mails}
    async with house.database.read() as connection:
        follow_ups = await stored_follow_ups(connection, ids)
        participants = await participants_of_all(connection, ids)
        threads, outdated = await neighbours_of(connection, mails)
        owners = {one.owner.reference_id for one in follow_ups.values() if one.owner.has_mailbox}
        mailboxes = await mailboxes_of(connection, house.keys, owners) if owners else {}
    theirs = {(one.follow_up_id, one.reference_id): one for some in participants.values() for one in some}
    invitees = {mail.id: one for mail in mails if (one := theirs.get((mail.follow_up, mail.invitee))) is not None}
    asker = Asker(None, house.rules.language, house.rules.time_zone)
    entries, _ = await house.desk.resolve(asker, [one.reference for one in invitees.values()])
    return Background(follow_ups, participants, invitees, threads, outdated, mailboxes, entries)


def as_of_now(mail: ClaimedMail, there: Background) -> ClaimedMail:
    """The mail with the SEQUENCE and DTSTAMP of what it says: of a REQUEST, how the follow-up stands now.

    A quiet change queues no newer one, and two times under one SEQUENCE are told apart by nobody (RFC 5546 §2.1.4).
    """
    follow_up = there.follow_ups.get(mail.follow_up)
    if mail.method is not MailMethod.REQUEST or follow_up is None:
        return mail
    sequence, stamped_at = max(mail.sequence, follow_up.sequence), max(mail.stamped_at, follow_up.stamped_at)
    return replace(mail, sequence=sequence, stamped_at=stamped_at)


def letter_of(house: House, mail: ClaimedMail, there: Background) -> Letter | None:
    """The mail with all that it says; None where that is so no longer.

    That is a CANCEL to somebody who holds no invitation, and a REQUEST to somebody who is invited no more, or to whom
    a newer mail waits.

    :raises TemporaryFailure: there is no mailbox to send it from.
    """
    follow_up, invitee = there.follow_ups[mail.follow_up], there.invitees[mail.id]
    if mail.method is MailMethod.CANCEL and invitee.held_sequence is None:
        return None
    is_over = follow_up.is_cancelled or invitee.removed_at is not None or mail.id in there.outdated
    if mail.method is MailMethod.REQUEST and is_over:
        return None
    own = there.mailboxes.get(follow_up.owner.reference_id)
    sender = sender_of(house.keys, house.rules, own, follow_up, invitee.id)
    if sender is None:
        raise TemporaryFailure("there is no mailbox to send from: neither the owner's nor the service's")
    language, time_zone = _reader(house, there.entries.get(invitee.reference), follow_up)
    everyone = there.participants[mail.follow_up]
    return Letter(
        mail=mail,
        follow_up=follow_up,
        participants=tuple(one for one in everyone if one.removed_at is None or one is invitee),
        invitee=invitee,
        sender=sender,
        language=language,
        time_zone=time_zone,
        answer_url=answer_link(house, follow_up, invitee.id),
        thread=there.threads.get(mail.id),
        sent_at=house.now(),
    )


def _reader(house: House, entry: Entry | None, follow_up: FollowUp) -> tuple[Language, str]:
    """The invitee's language and time zone, as far as their source knows them."""
    if entry is None:
        return house.rules.language, follow_up.time_zone
    return entry.language or house.rules.language, _known_zone(entry.time_zone) or follow_up.time_zone


def _known_zone(name: str | None) -> str | None:
    """The name where it is a zone's: a source may say anything."""
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):  # unknown, or no name at all
        return None
