"""Claims: the oldest mails that are ready, one to an invitee, each by one worker alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update

from invito.services.busy.references import intern
from invito.services.follow_ups.commands import CancelFollowUp, TypedEmail
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.mail.building import Route, prepared
from invito.services.mail.delivery_queue import claim_ready, give_back
from invito.services.mail.values import MailMethod
from invito.services.mailboxes.values import MailboxState
from invito.services.storage.follow_up_tables import ReferenceRow
from invito.services.storage.mail_tables import MailboxRow
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


@pytest.mark.parametrize("is_first_read", [True, False])
async def test_of_two_mailboxes_of_one_employee_a_mail_counts_for_the_server_that_it_goes_out_by(
    office: Office, is_first_read: bool
) -> None:
    async with office.house.database.write() as connection:
        numbers = await intern(connection, [office.ref.kari, "other:kari"])
        kari = select(ReferenceRow.identity_id).where(ReferenceRow.text == office.ref.kari).scalar_subquery()
        await connection.execute(update(ReferenceRow).where(ReferenceRow.text == "other:kari").values(identity_id=kari))
        for place, employee in enumerate(numbers[one] for one in (office.ref.kari, "other:kari")):
            is_read = is_first_read if place == 0 else not is_first_read
            values = {
                "employee_id": employee, "address": "kari@egen.example", "smtp_url": f"smtps://smtp{place}.example:465",
                "imap_url": "imaps://imap.example:993" if is_read else None, "username": "kari",
                "password": office.house.keys.seal("secret"), "folder": "INBOX", "state": MailboxState.OK,
            }  # fmt: skip
            await connection.execute(insert(MailboxRow).values(values))
    await invited(office, 1)

    mails = await claim_ready(office.house, LEASE, 1)
    (delivery,) = await prepared(office.house, mails)

    assert isinstance(delivery.errand, Route)
    # By the service's where the answers that come to their own are not read.
    assert mails[0].own_server == ("smtps://smtp0.example:465" if is_first_read else None)
    assert (delivery.errand.server and delivery.errand.server.host) == ("smtp0.example" if is_first_read else None)
