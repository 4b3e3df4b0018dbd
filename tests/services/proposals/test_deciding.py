"""An owner takes another time that was proposed, or refuses it (F28)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import CancelFollowUp
from invito.services.follow_ups.values import ParticipantStatus, Visibility
from invito.services.ids import FollowUpId
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.values import MailOrigin
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import change_follow_up
from invito.services.mail.values import MailMethod
from invito.services.proposals import deciding
from invito.services.proposals.deciding import accept_proposal, decline_proposal
from invito.services.proposals.reading import proposals
from invito.services.proposals.repository import keep_proposal
from invito.services.proposals.values import Proposal, ProposalId

if TYPE_CHECKING:
    from tests.services.conftest import Office

SPAN = (datetime(2026, 12, 3, 12, tzinfo=UTC), datetime(2026, 12, 3, 13, tzinfo=UTC))


async def propose(office: Office, made: FollowUpId, name: str, span: tuple[datetime, datetime] = SPAN) -> Proposal:
    """Somebody asks for another time by mail."""
    message = await receive(office.house, f"From: {name}\r\n\r\n".encode(), MailOrigin.FILE, Envelope())
    follow_up, who = await office.follow_up(made), await office.participant(made, name)
    async with office.house.database.write() as connection:
        await keep_proposal(connection, follow_up, who.id, message, span, "Heller torsdag", *[office.clock.present] * 2)
    (found,) = (await proposals(office.house, [who.id]))[who.id]
    return found


async def test_taking_a_proposal_moves_the_follow_up_and_asks_everyone_anew(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.per, email_invitations=True)
    await office.send_all(made)
    proposal = await propose(office, made, "Per")

    await accept_proposal(office.house, office.kari, proposal.id)

    moved = await office.follow_up(made)
    assert (moved.start, moved.end, moved.sequence) == (*SPAN, 1)
    assert {one.status for one in (await office.participants(made)).values()} == {
        ParticipantStatus.ACCEPTED, ParticipantStatus.NOT_SEEN,
    }  # fmt: skip
    assert await office.outbox(made) == [("Ola", MailMethod.REQUEST, 1), ("Per", MailMethod.REQUEST, 1)]


async def test_a_proposal_is_open_until_it_is_refused_or_the_time_changes(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.per, email_invitations=True)
    first, second = await propose(office, made, "Per"), await propose(office, made, "Ola")

    await decline_proposal(office.house, office.kari, first.id)
    after_refusal = [found.is_open for one in (first, second) for found in await _theirs(office, one)]
    await office.update(made, start="2026-12-02T09:00")

    assert (first.is_open, second.is_open) == (True, True)
    assert after_refusal == [False, True]
    assert [one.is_open for one in await _theirs(office, second)] == [False]
    for proposal in (first, second):
        refused = [(UserErrorCode.STALE_VERSION, ("proposalId",))]
        assert await office.refused(accept_proposal(office.house, office.kari, proposal.id)) == refused
        assert await office.refused(decline_proposal(office.house, office.kari, proposal.id)) == refused


async def test_whoever_proposed_is_told_by_mail_that_it_was_refused(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    revision = (await office.follow_up(made)).revision

    await decline_proposal(office.house, office.kari, (await propose(office, made, "Per")).id)

    assert await office.outbox(made) == [("Per", MailMethod.DECLINECOUNTER, 0)]
    assert (await office.follow_up(made)).revision == revision + 1


async def test_what_is_refused_while_it_is_taken_stays_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    proposal = (await propose(office, made, "Per")).id
    before = await office.follow_up(made)

    async def refused_first(*asked: Any) -> object:
        await decline_proposal(office.house, office.kari, proposal)
        return await change_follow_up(*asked)

    monkeypatch.setattr(deciding, "change_follow_up", refused_first)
    with pytest.raises(Refusal) as refusal:
        await accept_proposal(office.house, office.kari, proposal)

    assert [one.code for one in refusal.value.errors] == [UserErrorCode.STALE_VERSION]
    assert (await office.follow_up(made)).start == before.start


@pytest.mark.parametrize("end", [SPAN[0], SPAN[0] + timedelta(days=1_831), SPAN[0].replace(year=9965)])
async def test_what_is_the_matter_with_a_proposed_time_is_told_of_the_proposal(office: Office, end: datetime) -> None:
    made = await office.create(office.ref.per)
    proposal = await propose(office, made, "Per", (SPAN[0], end))

    refused = await office.refused(accept_proposal(office.house, office.kari, proposal.id))

    assert refused == [(UserErrorCode.INVALID_TIME, ("proposalId",))]


async def test_a_refusal_on_a_clock_behind_does_not_put_the_follow_up_back(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    proposal = await propose(office, made, "Per")
    before = await office.follow_up(made)
    office.clock.go_on(minutes=-1)

    await decline_proposal(office.house, office.kari, proposal.id)

    assert (await office.follow_up(made)).updated_at == before.updated_at


@pytest.mark.parametrize("decide", [accept_proposal, decline_proposal])
async def test_only_the_owner_decides(office: Office, decide: type) -> None:
    made = await office.create(office.ref.ola, office.ref.per, visibility=Visibility.OWNER)
    proposal = (await propose(office, made, "Per")).id
    at = ("proposalId",)

    assert await office.refused(decide(office.house, office.ola, proposal)) == [(UserErrorCode.NOT_OWNER, at)]
    assert await office.refused(decide(office.house, office.eva, proposal)) == [(UserErrorCode.NOT_FOUND, at)]
    assert await office.refused(decide(office.house, office.stranger, proposal)) == [(UserErrorCode.FORBIDDEN, ())]
    assert await office.refused(decide(office.house, office.kari, ProposalId(0))) == [(UserErrorCode.NOT_FOUND, at)]


async def test_nothing_is_open_in_a_cancelled_follow_up(office: Office) -> None:
    made = await office.create(office.ref.per)
    proposal = await propose(office, made, "Per")

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert [one.is_open for one in await _theirs(office, proposal)] == [False]
    refused = await office.refused(accept_proposal(office.house, office.kari, proposal.id))
    assert refused == [(UserErrorCode.CANCELLED, ("proposalId",))]


async def _theirs(office: Office, proposal: Proposal) -> list[Proposal]:
    return (await proposals(office.house, [proposal.participant]))[proposal.participant]
