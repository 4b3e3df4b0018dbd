"""Claims: the oldest mails that are ready, one to an invitee, each by one worker alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from invito.services.follow_ups.commands import CancelFollowUp, TypedEmail
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.mail.delivery_queue import claim_ready, give_back
from invito.services.mail.values import MailMethod
from tests.services.mail.conftest import LEASE

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post


async def invited(office: Office, count: int) -> None:
    """So many mails that are ready."""
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(count)]
    await office.create(*people, email_invitations=True)
    office.clock.go_on(hours=1)


async def test_those_that_waited_longest_are_claimed_first_and_no_more_than_asked_for(office: Office) -> None:
    await invited(office, 3)
    await invited(office, 3)

    claims = [await claim_ready(office.house, LEASE, 4) for _ in range(3)]

    assert [[mail.id for mail in mails] for mails in claims] == [[1, 2, 3, 4], [5, 6], []]
    assert {mail.attempts for mails in claims for mail in mails} == {1}


async def test_of_two_mails_to_one_invitee_the_second_is_claimed_when_the_first_is_done(
    office: Office, post: Post
) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    office.clock.go_on(hours=1)
    first = await claim_ready(office.house, LEASE, 10)
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))
    office.clock.go_on(hours=1)

    meanwhile = await claim_ready(office.house, LEASE, 10)
    await post.end_leases()
    again = await claim_ready(office.house, LEASE, 10)

    assert {mail.method for mail in first} == {mail.method for mail in again} == {MailMethod.REQUEST}
    assert len(await post.rows()) == 4
    assert meanwhile == []


async def test_workers_that_claim_at_once_never_have_the_same_mail(office: Office) -> None:
    await invited(office, 30)

    claims = await asyncio.gather(*(claim_ready(office.house, LEASE, 7) for _ in range(5)))

    ids = [mail.id for mails in claims for mail in mails]
    assert len(ids) == len(set(ids)) == 30
    assert len({mail.claim for mails in claims for mail in mails}) == 5


async def test_what_is_given_back_is_as_if_nobody_had_had_it(office: Office, post: Post) -> None:
    await invited(office, 3)
    before = await post.rows()
    mails = await claim_ready(office.house, LEASE, 10)

    await give_back(office.house, mails)

    assert await post.rows() == before


async def test_what_may_be_out_and_is_given_back_stays_claimed_and_is_ready_for_others(
    office: Office, post: Post
) -> None:
    await invited(office, 1)
    await claim_ready(office.house, LEASE, 1)
    await post.end_leases()
    (mail,) = await claim_ready(office.house, LEASE, 1)

    await give_back(office.house, [mail])

    (row,) = await post.rows()
    assert row.claimed_by is not None
    (again,) = await claim_ready(office.house, LEASE, 1)
    assert (again.may_be_out, again.attempts) == (True, mail.attempts)


async def test_what_another_has_by_now_is_not_given_back(office: Office, post: Post) -> None:
    await invited(office, 1)
    late = await claim_ready(office.house, timedelta(), 1)
    await post.end_leases()
    await claim_ready(office.house, LEASE, 1)
    before = await post.rows()

    await give_back(office.house, late)

    assert await post.rows() == before
