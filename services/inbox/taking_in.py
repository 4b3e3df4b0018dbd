"""Taking in a mail: found, decided and carried out in one transaction, whichever way it came (ITIP.md, In)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.changes import follow_up_topic, notification_topic
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.participant_repository import all_participants, participant_there
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import held_follow_up
from invito.services.follow_ups.values import FollowUp, Participant
from invito.services.house import House
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.inbox.acting import Acted, Incoming, act
from invito.services.inbox.bounces import doubt_bounce, participant_of_message, take_bounce
from invito.services.inbox.known_addresses import KnownPeople, known_addresses, people_of
from invito.services.inbox.matching import follow_up_of_uids, may_speak_of, tagged_follow_up, tagged_participant
from invito.services.inbox.repository import Effect, ReceivedMail, forget_if_private, keep_effect
from invito.services.inbox.texts import reason_message
from invito.services.invitations.storing import publish
from invito.services.itip.deciding import decide
from invito.services.itip.known import Arrival, KnownFollowUp, KnownParticipant, Trust
from invito.services.itip.reasons import Reason, why
from invito.services.itip.understood import UnderstoodBounce, UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome, Verdict

# Which of several verdicts a mail is listed under: first what waits for the owner's word.
_FIRST = (InboundOutcome.UNVERIFIED, InboundOutcome.APPLIED, InboundOutcome.OUTDATED, InboundOutcome.NOT_INVITED)


async def take_in(
    house: House, received: ReceivedMail, mail: UnderstoodMail, *, believed: ParticipantId | None = None
) -> Effect:
    """Do what the mail asks for, if it may; the effect is kept beside it. Of what lay in an employee's own mailbox,
    nothing is kept that is about no follow-up of theirs.

    `believed`: the owner believes what the mail says, and of this participant above all.

    :raises Refusal: INVALID_INPUT, and nothing was changed: what is believed has no effect any longer.
    """
    known = await known_addresses(house, mail)
    async with house.database.write() as connection:
        bounced = tagged_participant(house.keys, received.envelope, mail)
        told_of = None if bounced is None else await participant_there(connection, bounced)
        about = await _about(connection, house, received, mail)
        follow_up = None if about is None else await held_follow_up(connection, about)
        participants = [] if follow_up is None else await all_participants(connection, follow_up.id)
        verdicts = decide(
            mail,
            None if follow_up is None else _known(follow_up, participants, await people_of(connection, known)),
            Arrival(
                has_tag=about is not None and about == tagged_follow_up(house.keys, received.envelope, mail),
                has_null_sender=received.envelope.mail_from == "",
                bounced=bounced,
                bounced_address=None if told_of is None else told_of.email,
                addresses_known_here=known.of_others(mail),
            ),
            Trust(house.rules.mail.trusted_servers, house.rules.mail.public_providers),
            is_vouched_for=believed is not None,
        )
        if verdicts[0].outcome is InboundOutcome.BOUNCE:
            acted, told = await _bounce(connection, house, received, mail, bounced, verdicts[0], believed)
        else:
            acted, told = await _act(connection, house, received, mail, follow_up, participants, verdicts), follow_up
        if believed is not None:
            _check_believed([one.effect for one in acted], believed)
        effect = min(acted, key=lambda one: _place(one.effect)).effect
        if effect.follow_up is not None or not await forget_if_private(connection, received.id):
            await keep_effect(connection, received.id, mail, effect)
    await _publish(house, told, acted)
    return effect


async def _about(
    connection: AsyncConnection, house: House, received: ReceivedMail, mail: UnderstoodMail
) -> FollowUpId | None:
    """By UID, which says it exactly, else by the tag of the address."""
    found = await follow_up_of_uids(connection, mail.uids)
    found = found if found is not None else tagged_follow_up(house.keys, received.envelope, mail)
    return found if found is not None and await may_speak_of(connection, received.envelope, found) else None


def _known(follow_up: FollowUp, participants: Sequence[Participant], people: KnownPeople) -> KnownFollowUp:
    return KnownFollowUp(
        follow_up.uid,
        follow_up.sequence,
        follow_up.moved_sequence,
        follow_up.start,
        follow_up.is_all_day,
        follow_up.time_zone,
        follow_up.description,
        tuple(
            KnownParticipant(one.id, people.addresses_of(one), one.role, one.removed_at is None) for one in participants
        ),
        is_cancelled=follow_up.is_cancelled,
    )


async def _act(
    connection: AsyncConnection,
    house: House,
    received: ReceivedMail,
    mail: UnderstoodMail,
    follow_up: FollowUp | None,
    participants: Sequence[Participant],
    verdicts: Sequence[Verdict],
) -> list[Acted]:
    acted: list[Acted] = []
    there = {one.id: one for one in participants}
    for verdict in verdicts:
        if follow_up is None:
            reason = verdict.why
            effect = Effect(verdict.outcome, reason.reason.value, dict(reason.places))
            acted.append(Acted(effect))
            continue
        now = time_of_change(house, follow_up)
        whose = None if verdict.participant is None else there[verdict.participant]
        done = await act(connection, house, Incoming(received, mail, follow_up, now), verdict, whose)
        acted.append(done)
        if done.change is not None:
            follow_up = done.change.after
            there |= {one.id: one for one in done.change.participants}
    return acted


async def _bounce(
    connection: AsyncConnection,
    house: House,
    received: ReceivedMail,
    mail: UnderstoodMail,
    tagged: ParticipantId | None,
    verdict: Verdict,
    believed: ParticipantId | None,
) -> tuple[list[Acted], FollowUp | None]:
    """What a server returned: about whom its tag says, else what was returned. An address alone proves nothing.

    What the service sends comes back to a tag: without one, nobody vouches for it. An owner's own mailbox has none.
    """
    bounce = mail.bounce or UnderstoodBounce(False, None, None, mail.subject, None, None)
    participant = tagged or await participant_of_message(connection, bounce.returned_message_id)
    there = None if participant is None else await participant_there(connection, participant)
    if there is None or not await may_speak_of(connection, received.envelope, there.follow_up_id):
        return [Acted(_effect_of_bounce(verdict, None), is_told=True)], None
    if tagged is None and believed != there.id and received.envelope.mailbox_owner is None:
        doubtful = replace(verdict, outcome=InboundOutcome.UNVERIFIED, why=why(Reason.RETURNED_WITHOUT_TAG))
        return [Acted(_effect_of_bounce(doubtful, there), is_told=True)], await doubt_bounce(
            connection, house, there, mail
        )
    done = await take_bounce(connection, house, there, bounce)
    follow_up, reached = done or (None, None)
    return [Acted(_effect_of_bounce(verdict, reached), is_told=True)], follow_up


def _effect_of_bounce(verdict: Verdict, about: Participant | None) -> Effect:
    reason = verdict.why
    follow_up, participant = (None, None) if about is None else (about.follow_up_id, about.id)
    return Effect(verdict.outcome, reason.reason.value, dict(reason.places), follow_up, participant)


def _check_believed(effects: Sequence[Effect], believed: ParticipantId) -> None:
    # What else the mail says comes last: of those who were removed and invited again, another row may be meant now.
    effects = sorted(effects, key=lambda one: one.participant != believed)
    if effects[0].outcome not in (InboundOutcome.APPLIED, InboundOutcome.BOUNCE):
        message = reason_message(effects[0].reason)
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, ("messageId",), message))


def _place(effect: Effect) -> int:
    return _FIRST.index(effect.outcome) if effect.outcome in _FIRST else len(_FIRST)


async def _publish(house: House, follow_up: FollowUp | None, acted: Sequence[Acted]) -> None:
    if follow_up is None:
        return
    for one in acted:
        if one.change is not None:
            await publish(house, one.change, follow_up.owner.reference)
    if any(one.is_told for one in acted):
        house.outbox_poked.set()
        await house.changes.tell([follow_up_topic(follow_up.id), notification_topic(follow_up.owner.reference)])
