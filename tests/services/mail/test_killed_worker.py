"""`invito worker`, killed at each step of a delivery: another finishes it, and at most one more copy went out."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.values import EmailDelivery
from invito.services.mail.values import MailState
from invito.services.storage.follow_up_tables import FollowUpRow

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post, Sink, Taken

_PATIENCE_SECONDS = 60


@asynccontextmanager
async def worker(database_url: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`invito worker` in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVITO_")}
    settings = {
        "INVITO_DATABASE_URL": database_url,
        "INVITO_SMTP_URL": f"smtp+plain://127.0.0.1:{port}",
        "INVITO_MAIL_FROM": "invito@nordlys.example",
        "INVITO_SECRET_KEYS": "a key of the tests and of no other house",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "invito", "worker", env=environment | settings, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def reaches(process: asyncio.subprocess.Process, event: asyncio.Event) -> None:
    """Wait for what a living worker does."""
    there, gone = asyncio.create_task(event.wait()), asyncio.create_task(process.wait())
    await asyncio.wait({there, gone}, timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in (there, gone):
        task.cancel()
    if not event.is_set():
        process.kill()
        assert process.stderr is not None
        pytest.fail(f"the worker did not come so far:\n{(await process.stderr.read()).decode()}")


async def said(process: asyncio.subprocess.Process, words: str) -> None:
    """The worker logged these words."""
    assert process.stderr is not None
    seen = []
    async with asyncio.timeout(_PATIENCE_SECONDS):
        async for line in process.stderr:
            seen.append(line.decode())
            if words in seen[-1]:
                return
    pytest.fail(f"the worker ended:\n{''.join(seen)}")


async def waiting_mail(office: Office) -> Any:
    """A mail to Per that is ready by the clocks of all processes."""
    return await waiting_mails(office, office.ref.per)


async def waiting_mails(office: Office, *invitees: str | TypedEmail) -> Any:
    """The same to several."""
    office.clock.present = datetime.now(UTC) - timedelta(hours=1)
    made = await office.create(*invitees, email_invitations=True)
    office.clock.present = datetime.now(UTC)
    return made


def identity(taken: Taken) -> tuple[str, str, int]:
    (part,) = [one for one in taken.message.walk() if one.get_content_type() == "text/calendar"]
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    event: Any = Calendar.from_ical(text).walk("VEVENT")[0]
    return str(taken.message["Message-ID"]), str(event["UID"]), int(event["SEQUENCE"])


async def finishes(office: Office, post: Post, sink: Sink, made: Any, *, copies: int) -> None:
    """Another worker, once the lease of the dead one is over."""
    mails = len(await post.rows())
    before_the_end = await post.send()
    await post.end_leases()
    await post.send()

    assert before_the_end == 0
    each = Counter(map(identity, sink.taken))
    assert (len(each), each.total(), max(each.values()) <= 2) == (mails, copies, True)
    assert {row.state for row in await post.rows()} == {MailState.SENT}
    invitees = [one for one in await office.everyone(made) if one.wants_email]
    assert {(one.email_delivery, one.held_sequence) for one in invitees} == {(EmailDelivery.SENT, 0)}


async def test_killed_once_it_has_claimed_the_mail(office: Office, post: Post, sink: Sink, database_url: str) -> None:
    made = await waiting_mail(office)
    connected = asyncio.Event()

    async def never_greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()

    silent = await asyncio.start_server(never_greet, "127.0.0.1", 0)
    async with silent, worker(database_url, silent.sockets[0].getsockname()[1]) as process:
        await reaches(process, connected)
        process.kill()

    await finishes(office, post, sink, made, copies=1)


@pytest.mark.parametrize(("step", "copies"), [("MAIL", 1), ("RCPT", 1), ("DATA", 1), ("TAKEN", 2)])
async def test_killed_while_it_hands_the_mail_over(
    office: Office, post: Post, sink: Sink, database_url: str, step: str, copies: int
) -> None:
    made = await waiting_mail(office)
    reached, dead = asyncio.Event(), asyncio.Event()

    async def hold(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at[command]
        if step == "TAKEN":
            # The server has it in its queue, and the worker never hears that it has.
            sink.take(envelope)
        reached.set()
        await dead.wait()
        return "451 you are dead"

    command = "DATA" if step == "TAKEN" else step
    sink.at[command] = hold
    async with worker(database_url, sink.port) as process:
        await reaches(process, reached)
        process.kill()
        await process.wait()
    dead.set()

    await finishes(office, post, sink, made, copies=copies)


@pytest.mark.parametrize("mails", [1, 3])
async def test_killed_after_250_and_before_it_is_written_down(
    office: Office, post: Post, sink: Sink, database_url: str, mails: int
) -> None:
    made = await waiting_mails(office, *(office.ref.per, office.ref.ola, office.ref.eva)[:mails])
    database = office.house.database
    async with worker(database_url, sink.port) as process:
        held, taken = asyncio.Event(), asyncio.Event()

        async def hold_the_database() -> None:
            async with database.write() as connection:
                await connection.execute(select(FollowUpRow.id).with_for_update())
                held.set()
                for _ in range(mails):
                    await said(process, "mail sent")
                process.kill()
                await process.wait()

        async def take(server: SMTP, envelope: Envelope) -> str | None:
            if not holding:
                holding.append(asyncio.create_task(hold_the_database()))
            await held.wait()
            taken.set()
            return None

        holding: list[asyncio.Task[None]] = []
        sink.at["DATA"] = take
        await reaches(process, taken)
        await asyncio.gather(*holding)

    await finishes(office, post, sink, made, copies=2 * mails)


@pytest.mark.parametrize(("step", "repeated"), [("MAIL", 0), ("RCPT", 0), ("DATA", 0), ("TAKEN", 4)])
async def test_killed_with_many_mails_claimed_only_those_that_were_taken_go_out_again(
    office: Office, post: Post, sink: Sink, database_url: str, step: str, repeated: int
) -> None:
    made = await waiting_mails(office, *(TypedEmail(f"gjest{number}@kunde.example") for number in range(25)))
    held, all_held, dead = list[str](), asyncio.Event(), asyncio.Event()

    async def hold(server: SMTP, envelope: Envelope) -> str | None:
        if step == "TAKEN":
            sink.take(envelope)
        held.append(str(envelope.mail_from))
        if len(held) == 4:
            all_held.set()
        await dead.wait()
        return "451 you are dead"

    command = "DATA" if step == "TAKEN" else step
    sink.at[command] = hold
    async with worker(database_url, sink.port) as process:
        await reaches(process, all_held)
        process.kill()
        await process.wait()
    dead.set()
    del sink.at[command]

    not_claimed = await post.send()
    await post.end_leases()
    await post.send()

    assert not_claimed == 5
    assert sorted(Counter(map(identity, sink.taken)).values()) == [1] * (25 - repeated) + [2] * repeated
    assert {row.state for row in await post.rows()} == {MailState.SENT}
    assert {one.held_sequence for one in await office.everyone(made) if one.wants_email} == {0}


async def test_a_worker_that_is_asked_to_end_does_so_with_its_mail_written_down(
    office: Office, post: Post, sink: Sink, database_url: str
) -> None:
    await waiting_mail(office)

    async def end_it(server: SMTP, envelope: Envelope) -> str | None:
        process.send_signal(signal.SIGTERM)
        await said(process, "worker ends")
        return None

    sink.at["DATA"] = end_it
    async with worker(database_url, sink.port) as process:
        code = await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)

    assert code == 0
    assert [row.state for row in await post.rows()] == [MailState.SENT]
