"""The worker: sends when it is poked, shares the outbox with others, and ends without losing anything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.values import EmailDelivery
from invito.services.mail.routes import MailRoutes
from invito.services.mail.smtp_transport import SmtpTransport, connect_to
from invito.services.mail.values import MailState
from invito.services.mail.worker import MailWorker
from tests.database_faults import shut
from tests.services.mail.conftest import Sink, lets_in, with_own_mailbox

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

    from tests.services.conftest import Office
    from tests.services.mail.conftest import Listening, Post

_PATIENCE_SECONDS = 30
# Whoever waits for a look that nobody poked for waits longer than a test may.
_NEVER_SECONDS = 3_600.0


@asynccontextmanager
async def working(
    office: Office, sink: Sink, *, look_again_seconds: float = _NEVER_SECONDS, **options: Any
) -> AsyncIterator[None]:
    """A worker at work, as in a process of its own."""
    house = replace(office.house, outbox_poked=asyncio.Event())
    office.house = house
    worker = MailWorker(
        house, MailRoutes(SmtpTransport(sink.server), connect_to), look_again_seconds=look_again_seconds, **options
    )
    worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def arrived(sink: Sink, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        for _ in range(count):
            await sink.arrived.get()


async def test_what_is_ready_goes_out_as_soon_as_somebody_pokes(office: Office, post: Post, sink: Sink) -> None:
    async with working(office, sink):
        made = await office.create(office.ref.per, email_invitations=True)
        office.clock.go_on(minutes=1)
        office.house.outbox_poked.set()
        await arrived(sink, 1)

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.SENT


async def test_what_nobody_poked_for_is_found_a_little_later(office: Office, post: Post, sink: Sink) -> None:
    await office.create(office.ref.per, email_invitations=True)

    async with working(office, sink, look_again_seconds=0.05):
        office.clock.go_on(minutes=1)
        await arrived(sink, 1)

    assert [row.state for row in await post.rows()] == [MailState.SENT]


async def test_two_workers_on_one_outbox_send_no_mail_twice(office: Office, post: Post, sink: Sink) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(30)]
    made = await office.create(*people, email_invitations=True)
    await office.create(*people, email_invitations=True)
    office.clock.go_on(minutes=1)

    async with working(office, sink), working(office, sink):
        await arrived(sink, 60)

    assert Counter(taken.message["Message-ID"] for taken in sink.taken).most_common(1)[0][1] == 1
    assert len(sink.taken) == 60
    assert {row.state for row in await post.rows()} == {MailState.SENT}
    invitees = [one for one in await office.everyone(made) if one.wants_email]
    assert {one.held_sequence for one in invitees} == {0}


async def test_several_changes_reach_each_invitee_in_order(office: Office, post: Post, sink: Sink) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(5)]
    made = await office.create(*people, email_invitations=True)
    office.clock.go_on(minutes=1)

    async def change_once(server: SMTP, envelope: Envelope) -> str | None:
        """While the first mails are going out."""
        if sink.at.pop("DATA", None):
            await office.update(made, start="2026-12-02T09:00")
            office.clock.go_on(minutes=1)
        return None

    sink.at["DATA"] = change_once
    async with working(office, sink), working(office, sink):
        office.house.outbox_poked.set()
        await arrived(sink, len(people))
    await post.send_later()

    sent: dict[str, list[int]] = {}
    for row in sorted(await post.rows(), key=lambda row: row.finished_at):
        sent.setdefault(row.to_address, []).append(row.sequence)
    assert len(sent) == len(people)
    assert all(sequences == sorted(sequences) and sequences[-1] == 1 for sequences in sent.values())


async def test_ending_waits_for_what_is_going_out(office: Office, post: Post, sink: Sink) -> None:
    await office.create(office.ref.per, email_invitations=True)
    office.clock.go_on(minutes=1)
    begun = asyncio.Event()

    async def wait_for_the_end(server: SMTP, envelope: Envelope) -> str | None:
        office.house.outbox_poked.clear()
        begun.set()
        # Whoever ends a worker wakes it; the answer comes when whoever does not wait for it would have left.
        await office.house.outbox_poked.wait()
        await post.rows()
        return None

    sink.at["DATA"] = wait_for_the_end
    async with working(office, sink):
        await begun.wait()

    assert [row.state for row in await post.rows()] == [MailState.SENT]


async def test_ending_gives_back_what_was_claimed_and_not_begun(office: Office, post: Post, sink: Sink) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(5)]
    await office.create(*people, email_invitations=True)
    office.clock.go_on(minutes=1)
    begun, ending = asyncio.Event(), asyncio.Event()

    async def hold(server: SMTP, envelope: Envelope) -> str | None:
        begun.set()
        await ending.wait()
        return None

    sink.at["DATA"] = hold
    async with working(office, sink, at_once=2):
        await begun.wait()
        # Whoever ends a worker wakes it first.
        office.house.outbox_poked.clear()
        waking = asyncio.create_task(office.house.outbox_poked.wait())
        waking.add_done_callback(lambda _: ending.set())

    rows = await post.rows()
    assert [row.state for row in rows] == [MailState.SENT] * 2 + [MailState.QUEUED] * 3
    assert [(row.claimed_by, row.attempts) for row in rows[2:]] == [(None, 0)] * 3


async def test_what_finds_no_room_within_half_its_lease_is_left_to_others(
    office: Office, post: Post, sink: Sink
) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(3)]
    await office.create(*people, email_invitations=True)
    office.clock.go_on(minutes=1)

    async def never(server: SMTP, envelope: Envelope) -> str | None:
        await asyncio.Event().wait()
        return None

    sink.at["DATA"] = never
    async with working(office, sink, at_once=1, lease=timedelta(seconds=1)):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await post.rows())[0].diagnosis is None:
                pass

    rows = await post.rows()
    assert rows[0].diagnosis == "it was not handed over in time"
    assert [row.attempts for row in rows[1:]] == [0, 0]


async def test_a_slow_server_of_somebodys_own_mailbox_holds_up_nobody_elses_mail(
    office: Office, post: Post, sink: Sink, listening: Listening
) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(30)]
    others_are_out, at_it, most = asyncio.Event(), set[int](), 0

    async def take_its_time(server: SMTP, envelope: Envelope) -> str | None:
        nonlocal most
        at_it.add(id(envelope))
        most = max(most, len(at_it))
        await others_are_out.wait()
        at_it.remove(id(envelope))
        return None

    async with listening(Sink(at={"DATA": take_its_time}), authenticator=lets_in, auth_require_tls=False) as slow:
        await with_own_mailbox(office, slow)
        await office.create(*people, email_invitations=True)
        await office.create(*people[:15], by=office.ola, email_invitations=True)
        office.clock.go_on(minutes=1)
        async with working(office, sink, at_once=6):
            await arrived(sink, 15)
            taken_meanwhile = len(slow.taken)
            others_are_out.set()
            await arrived(slow, len(people))

    assert taken_meanwhile == 0
    assert most <= 2
    assert {row.state for row in await post.rows()} == {MailState.SENT}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_was_handed_over_is_written_down_when_the_database_is_back(
    office: Office, post: Post, sink: Sink, database_url: str
) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(3)]
    made = await office.create(*people, email_invitations=True)
    office.clock.go_on(minutes=1)
    taken, shutting = asyncio.Event(), asyncio.Lock()

    async def shut_first(server: SMTP, envelope: Envelope) -> str | None:
        async with shutting:
            await shut(database_url, is_shut=True)
        if len(sink.taken) == len(people) - 1:
            taken.set()
        return None

    sink.at["DATA"] = shut_first
    async with working(office, sink):
        await taken.wait()
        await shut(database_url, is_shut=False)

    assert sorted(Counter(one.rcpt_to for one in sink.taken).values()) == [1, 1, 1]
    assert {row.state for row in await post.rows()} == {MailState.SENT}
    assert {one.held_sequence for one in await office.everyone(made) if one.wants_email} == {0}
