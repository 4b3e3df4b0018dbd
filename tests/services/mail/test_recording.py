"""What became of several mails, written down together: all that is still ours, by whoever comes in whichever order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from invito.services.changes import follow_up_topic, notification_topic
from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.values import EmailDelivery
from invito.services.mail.building import prepared
from invito.services.mail.delivery_queue import claim_ready
from invito.services.mail.delivery_results import UNRECORDED, DeliveryResult, Fate
from invito.services.mail.recording import record_results
from invito.services.mail.result_book import ResultBook
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import ClaimedMail, MailState
from invito.services.notifications.values import NotificationKind
from tests.database_faults import shut
from tests.services.mail.conftest import LEASE
from tests.statements import statements_of

if TYPE_CHECKING:
    from invito.services.ids import FollowUpId
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post, Sink

LATER = TemporaryFailure("451 later")


async def claimed(office: Office, *names: str) -> tuple[FollowUpId, list[ClaimedMail]]:
    """Mails to these, in the hands of a worker."""
    made = await office.create(*(getattr(office.ref, name) for name in names), email_invitations=True)
    office.clock.go_on(hours=1)
    return made, await claim_ready(office.house, LEASE, 100)


def sent(mails: Sequence[ClaimedMail]) -> list[DeliveryResult]:
    return [DeliveryResult(mail, Fate.SENT) for mail in mails]


async def test_one_commit_says_of_each_mail_what_became_of_it(office: Office, post: Post) -> None:
    made, (per, ola, eva, admin) = await claimed(office, "per", "ola", "eva", "admin")
    before = await office.follow_up(made)

    results = [
        DeliveryResult(per, Fate.SENT),
        DeliveryResult.failed(ola, "550 no"),
        DeliveryResult.delayed(eva, LATER),
        DeliveryResult(admin, Fate.DROPPED),
    ]
    recorded = await record_results(office.house, results)

    found = {name: one.email_delivery for name, one in (await office.participants(made)).items() if name != "Kari"}
    assert found == {
        "Per": EmailDelivery.SENT,
        "Ola": EmailDelivery.FAILED,
        "Eva": EmailDelivery.DELAYED,
        "Admin": EmailDelivery.NOT_SENT,
    }
    assert [row.state for row in await post.rows()] == [MailState.SENT, MailState.FAILED, MailState.QUEUED]
    assert (await office.follow_up(made)).revision == before.revision + 1
    assert await office.told(office.kari) == [NotificationKind.EMAIL_FAILED]
    assert recorded.ours == frozenset(results)
    assert set(recorded.topics) == {follow_up_topic(made), notification_topic(office.ref.kari)}


async def test_a_clock_that_is_behind_the_last_change_sets_no_follow_up_back(office: Office, post: Post) -> None:
    made, mails = await claimed(office, "per")
    before = await office.update(made, is_completed=True)
    office.clock.go_on(minutes=-10)

    await record_results(office.house, sent(mails))

    after = await office.follow_up(made)
    assert (after.revision, after.updated_at) == (before.revision + 1, before.updated_at)


async def test_a_mail_that_another_worker_has_is_left_alone_among_others(office: Office, post: Post) -> None:
    made, (per, ola) = await claimed(office, "per", "ola")
    await post.end_leases()
    # Both claims ran out, and another worker got the first.
    await claim_ready(office.house, LEASE, 1)

    recorded = await record_results(office.house, sent([per, ola]))

    assert recorded.ours == frozenset(sent([ola]))
    assert [row.state for row in await post.rows()] == [MailState.QUEUED, MailState.SENT]
    there = await office.participants(made)
    assert (there["Per"].held_sequence, there["Ola"].held_sequence) == (None, 0)


async def test_workers_who_finish_in_opposite_orders_do_not_wait_for_each_other_forever(office: Office) -> None:
    people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(2)]
    made = [await office.create(*people, email_invitations=True) for _ in range(10)]
    office.clock.go_on(hours=1)
    mails = await claim_ready(office.house, LEASE, 100)
    one, other = mails[::2], mails[::-2]

    await asyncio.gather(record_results(office.house, sent(one)), record_results(office.house, sent(other)))

    assert len(one) == len(other) == 10
    held = {invitee.held_sequence for follow_up in made for invitee in await office.everyone(follow_up)}
    assert held == {0, None}


async def test_who_comes_while_a_commit_runs_goes_into_the_next_one_together(office: Office) -> None:
    _, mails = await claimed(office, "per", "ola", "eva", "admin")
    book = ResultBook(office.house)

    with statements_of(office.house.database) as statements:
        first = asyncio.create_task(book.record(sent(mails)[0]))
        while not statements:  # noqa: ASYNC110  # a list has no event for it
            await asyncio.sleep(0)
        rest = [asyncio.create_task(book.record(result)) for result in sent(mails)[1:]]
        written = await asyncio.gather(first, *rest)

    assert written == [True] * 4
    assert sum("UPDATE outbox" in one for one in statements) == 2


async def refuse(office: Office, condition: str) -> None:
    """Have the database take no mail of which this is so."""
    trigger = "CREATE TRIGGER unwritable BEFORE UPDATE ON outbox"
    if office.house.database.is_sqlite:
        statements = [f"{trigger} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'unwritable'); END"]
    else:
        statements = [
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'unwritable'; END $$ LANGUAGE plpgsql",
            f"{trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()",
        ]
    async with office.house.database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


@pytest.mark.parametrize("said", ["nein \udce4", "nul \0 x", "two\r\nlines", "so \u202e much" + "!" * 2_000])
async def test_whatever_a_server_or_a_plugin_says_can_be_written_down(office: Office, post: Post, said: str) -> None:
    made, (per, ola) = await claimed(office, "per", "ola")
    results = [DeliveryResult.failed(per, said), DeliveryResult.delayed(ola, TemporaryFailure(said))]

    await record_results(office.house, results)

    words = [row.diagnosis for row in await post.rows()]
    assert words[0] == words[1] == (await office.participant(made, "Per")).email_error
    assert words[0].isprintable()
    assert 4 <= len(words[0]) <= 1_000


@pytest.mark.parametrize(
    ("condition", "answer", "held"),
    [("NEW.diagnosis LIKE '550 %'", "550 unspeakable", None), ("NEW.state = 'SENT'", None, 0)],
)
async def test_a_mail_whose_result_cannot_be_written_is_given_up_at_once(
    office: Office, post: Post, sink: Sink, condition: str, answer: str | None, held: int | None
) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await refuse(office, condition)
    if answer is not None:
        sink.says("RCPT", answer)

    tried = [await post.send_later(), await post.send_later()]

    (row,) = await post.rows()
    per = await office.participant(made, "Per")
    assert tried == [1, 0]
    assert (row.state, row.claimed_by, row.diagnosis) == (MailState.FAILED, None, UNRECORDED)
    # One that was handed over is held, so that it can be taken back.
    assert (per.email_delivery, per.email_error, per.held_sequence) == (EmailDelivery.FAILED, UNRECORDED, held)
    assert await office.told(office.kari) == [NotificationKind.EMAIL_FAILED]


async def test_a_mail_over_which_workers_end_is_not_tried_for_ever(office: Office, post: Post, sink: Sink) -> None:
    made, _ = await claimed(office, "per")
    for _ in range(3):
        await post.end_leases()
        await claim_ready(office.house, LEASE, 1)
    await post.end_leases()
    office.clock.go_on(days=3)

    await post.send_later()

    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error, per.held_sequence) == (EmailDelivery.FAILED, UNRECORDED, 0)
    assert sink.taken == []


async def test_a_result_that_cannot_be_written_holds_up_no_other(office: Office, post: Post) -> None:
    _, (per, ola, eva) = await claimed(office, "per", "ola", "eva")
    book = ResultBook(office.house)
    await refuse(office, "NEW.diagnosis = '550 unspeakable'")
    unspeakable = DeliveryResult.failed(ola, "550 unspeakable")

    written = await asyncio.gather(*map(book.record, (*sent([per]), unspeakable, *sent([eva]))), return_exceptions=True)

    assert (written[0], isinstance(written[1], Exception), written[2]) == (True, True, True)
    assert [row.state for row in await post.rows()] == [MailState.SENT, MailState.QUEUED, MailState.SENT]


async def test_whoever_no_longer_waits_for_the_book_keeps_no_other_from_it(office: Office, post: Post) -> None:
    _, (per, ola) = await claimed(office, "per", "ola")
    book = ResultBook(office.house)

    impatient, patient = (asyncio.create_task(book.record(result)) for result in sent([per, ola]))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await asyncio.wait_for(patient, 30) is True
    assert {row.state for row in await post.rows()} == {MailState.SENT}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_while_the_database_is_away_the_book_says_so_and_then_takes_the_same_results(
    office: Office, post: Post, database_url: str
) -> None:
    _, mails = await claimed(office, "per", "ola")
    book = ResultBook(office.house)

    await shut(database_url, is_shut=True)
    away = await asyncio.gather(*map(book.record, sent(mails)), return_exceptions=True)
    await shut(database_url, is_shut=False)
    back = await asyncio.gather(*map(book.record, sent(mails)))

    assert all(isinstance(problem, Exception) for problem in away)
    assert back == [True, True]
    assert {row.state for row in await post.rows()} == {MailState.SENT}


async def test_the_number_of_statements_grows_neither_with_the_mails_nor_with_the_invitees(office: Office) -> None:
    counted = []
    for invitees, claims in ((1, 1), (3, 3), (60, 3), (60, 60)):
        people = [TypedEmail(f"gjest{number}@kunde.example") for number in range(invitees)]
        await office.create(*people, email_invitations=True)
        office.clock.go_on(hours=1)
        with statements_of(office.house.database) as statements:
            mails = await claim_ready(office.house, LEASE, claims)
            await prepared(office.house, mails)
            await record_results(office.house, sent(mails))
        counted.append((len(mails), len(statements)))

    assert [mails for mails, _ in counted] == [1, 3, 3, 60]
    assert len({statements for _, statements in counted}) == 1
    assert counted[0][1] <= 14
