"""A mail may propose a time and answer at once, and the owner hears of what is new in either (ITIP.md, In, rule 8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import FollowUpId
from invito.services.inbox.reading import inbound_page
from invito.services.inbox.texts import reason_text
from invito.services.itip.verdicts import InboundOutcome
from invito.services.notifications.acknowledging import acknowledge_notification
from invito.services.notifications.reading import notification_page
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk
from invito.services.proposals.deciding import accept_proposal, decline_proposal
from invito.services.proposals.reading import proposals
from invito.services.proposals.values import Proposal

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post

TIMES = ("DTSTART:20261203T120000Z", "DTEND:20261203T130000Z")


async def invited(office: Office) -> FollowUpId:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    return made


async def proposal_of(office: Office, made: FollowUpId) -> Proposal:
    per = await office.participant(made, "Per")
    ((found,),) = (await proposals(office.house, [per.id])).values()
    return found


async def test_the_same_time_with_another_answer_counts_as_the_answer(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=TIMES)
    office.clock.go_on(minutes=1)

    effect = await post.answer(made, "Per", "DECLINED", method="COUNTER", lines=TIMES)

    assert effect.outcome is InboundOutcome.APPLIED
    assert (await office.participant(made, "Per")).status is ParticipantStatus.DECLINED
    assert (await proposal_of(office, made)).is_open


async def test_a_time_that_is_proposed_again_after_a_refusal_is_open_and_told(office: Office, post: Post) -> None:
    made = await invited(office)
    proposed = office.clock.present
    await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=TIMES)
    office.clock.go_on(minutes=1)
    refused = await proposal_of(office, made)
    await decline_proposal(office.house, office.kari, refused.id)
    for one in (await notification_page(office.house, office.kari, PageAsk(10), unacknowledged_only=True)).items:
        await acknowledge_notification(office.house, office.kari, one.id)
    office.clock.go_on(minutes=1)

    copy = await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=TIMES, at=proposed)
    closed = await proposal_of(office, made)
    again = await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=TIMES, comment="Jo, da")

    opened = await proposal_of(office, made)
    assert (copy.outcome, closed.is_open) == (InboundOutcome.DUPLICATE, False)
    assert again.outcome is InboundOutcome.APPLIED
    assert (opened.id, opened.is_open, opened.comment) == (refused.id, True, "Jo, da")
    assert (await office.told(office.kari)).count(NotificationKind.PROPOSED_TIME) == 2


async def test_a_whole_day_that_is_proposed_is_taken_as_a_whole_day(office: Office, post: Post) -> None:
    made = await invited(office)
    day = ("DTSTART;VALUE=DATE:20261203",)
    await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=day)
    proposal = await proposal_of(office, made)

    await accept_proposal(office.house, office.kari, proposal.id)

    moved = await office.follow_up(made)
    assert proposal.is_all_day
    assert (moved.is_all_day, moved.start, moved.end) == (
        True, datetime(2026, 12, 2, 23, tzinfo=UTC), datetime(2026, 12, 3, 23, tzinfo=UTC),
    )  # fmt: skip


async def test_whole_days_that_are_proposed_for_whole_days_are_as_many(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, is_all_day=True, start="2026-12-01", end="2026-12-04")

    # Clocks are set forward in Oslo on 28 March 2027.
    await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=("DTSTART;VALUE=DATE:20270327",))

    proposal = await proposal_of(office, made)
    assert (proposal.start, proposal.end) == (
        datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 29, 22, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("sender", [None, "per@privat.example"])
async def test_the_owner_reads_whom_somebody_delegates_to(office: Office, post: Post, sender: str | None) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await office.participant(made, "Per")
    delegated = post.reply(follow_up, per, 'DELEGATED;DELEGATED-TO="mailto:siri@kunde.example"', sender=sender)

    await post.brings(delegated)

    (message,) = (await inbound_page(office.house, office.kari, made, None, PageAsk(10))).items
    assert "siri@kunde.example" in str(reason_text(message.reason, message.reason_values))
    (notice,) = (await notification_page(office.house, office.kari, PageAsk(10), unacknowledged_only=False)).items
    assert "siri@kunde.example" in str(notice.comment)


async def test_the_same_mail_again_is_no_duplicate_of_itself(office: Office, post: Post) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await office.participant(made, "Per")
    mail = post.reply(follow_up, per, "TENTATIVE", method="COUNTER", lines=TIMES)

    effects = [await post.brings(mail) for _ in range(2)]

    assert [one.outcome for one in effects] == [InboundOutcome.APPLIED] * 2
