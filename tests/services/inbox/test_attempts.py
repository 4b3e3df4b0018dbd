"""A mail over which the worker fails is tried a few times and then set aside, never for ever (TRUST.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from invito.services.house import House
from invito.services.ids import InboxId
from invito.services.inbox import processor, trying_now
from invito.services.inbox.applying import retry_as_operator, retry_inbound_message
from invito.services.inbox.attempts import MOST_ATTEMPTS
from invito.services.inbox.processor import InboxProcessor
from invito.services.inbox.reading import inbound_page
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.repository import Effect, ReceivedMail
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.texts import reason_text
from invito.services.inbox.trying_now import take_in_now
from invito.services.inbox.values import MailOrigin
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome
from invito.services.paging import PageAsk
from invito.services.storage.mail_tables import InboxRow
from tests.services.inbox.conftest import Intake

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post

SUBJECT = "Over this one it fails"
BAD = f"From: per@kunde.example\r\nSubject: {SUBJECT}\r\n\r\nHei".encode()
QUARANTINED = InboundOutcome.QUARANTINED


class Locked(Exception):
    """What asyncpg raises where two transactions wait for each other, for those who look at its SQLSTATE."""

    sqlstate = "40P01"


class Failing:
    """Taking in, which fails over one mail: `next_failure` makes what it raises, until there is none any more."""

    def __init__(self) -> None:
        self.failures: Iterator[Exception] = iter(())
        self.tried = 0

    async def __call__(self, house: House, received: ReceivedMail, mail: UnderstoodMail) -> Effect:
        if mail.subject == SUBJECT:
            self.tried += 1
            if failure := next(self.failures, None):
                raise failure
        return await take_in(house, received, mail)


def for_ever(make: Callable[[], Exception]) -> Iterator[Exception]:
    while True:
        yield make()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    there = Failing()
    monkeypatch.setattr(processor, "take_in", there)
    monkeypatch.setattr(trying_now, "take_in", there)
    return there


@pytest.fixture
async def hasty(office: Office) -> AsyncIterator[Intake]:
    """An intake whose worker tries again at once."""
    worker = InboxProcessor(office.house, lease=timedelta(0), look_again_seconds=0.01)
    worker.start()
    yield Intake(office)
    await worker.stop()


async def test_a_mail_over_which_it_always_fails_is_set_aside_listed_and_the_next_one_is_applied(
    office: Office, post: Post, hasty: Intake, failing: Failing
) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    failing.failures = for_ever(lambda: ValueError("a mistake of ours"))

    bad = await hasty.brings(BAD)
    good = await hasty.brings(
        post.reply(await office.follow_up(made), await office.participant(made, "Per"), "ACCEPTED")
    )

    assert (bad.outcome, bad.reason, bad.reason_values) == (
        QUARANTINED,
        "TAKING_IN_FAILED",
        {"problem": "ValueError"},
    )
    assert (bad.sender, bad.subject) == ("per@kunde.example", SUBJECT)
    assert failing.tried == MOST_ATTEMPTS
    assert good.outcome is InboundOutcome.APPLIED
    listed = (await inbound_page(office.house, office.admin, None, QUARANTINED, PageAsk(10))).items
    assert [one.id for one in listed] == [bad.id]
    assert reason_text(bad.reason, bad.reason_values)


async def test_what_fails_now_and_then_is_applied_in_the_end(hasty: Intake, failing: Failing) -> None:
    failing.failures = iter([ValueError()] * (MOST_ATTEMPTS - 1))

    became = await hasty.brings(BAD)

    assert became.outcome is InboundOutcome.NOT_OURS


@pytest.mark.parametrize(
    "fault",
    [
        ConnectionResetError,
        lambda: OperationalError("UPDATE", {}, Exception("disk I/O error")),
        lambda: DBAPIError("UPDATE", {}, Exception(), connection_invalidated=True),
        lambda: DBAPIError("UPDATE", {}, Locked()),
    ],
)
async def test_a_fault_of_the_machine_is_no_attempt_of_the_mail(
    hasty: Intake, failing: Failing, fault: Callable[[], Exception]
) -> None:
    faults = 3 * MOST_ATTEMPTS
    failing.failures = iter([fault() for _ in range(faults)])

    became = await hasty.brings(BAD)

    assert became.outcome is InboundOutcome.NOT_OURS
    assert failing.tried == faults + 1


async def test_a_mail_at_which_workers_ended_without_a_word_is_set_aside(office: Office) -> None:
    number = await kept(office)
    async with office.house.database.write() as connection:
        await connection.execute(update(InboxRow).values(attempts=MOST_ATTEMPTS))
    worker = InboxProcessor(office.house)

    worker.start()
    became = await Intake(office).settled(number)
    await worker.stop()

    assert (became.outcome, became.reason_values) == (QUARANTINED, {})


async def test_what_was_set_aside_can_be_tried_again(office: Office, hasty: Intake, failing: Failing) -> None:
    failing.failures = for_ever(ValueError)
    became = await hasty.brings(BAD)

    await retry_inbound_message(office.house, office.admin, became.id)
    still = await hasty.settled(became.id)
    failing.failures = iter(())
    effect = await retry_as_operator(office.house, became.id)

    assert (still.outcome, still.reason) == (QUARANTINED, "TAKING_IN_FAILED")
    assert effect.outcome is InboundOutcome.NOT_OURS
    async with office.house.database.read() as connection:
        assert (await connection.execute(select(InboxRow.raw))).scalar_one() == BAD


async def test_a_mail_that_a_worker_is_at_is_left_to_it(office: Office) -> None:
    number = await kept(office)
    async with office.house.database.write() as connection:
        await connection.execute(update(InboxRow).values(claimed_until=office.clock.present + timedelta(days=3_650)))

    assert await take_in_now(office.house, number) is None


async def kept(office: Office) -> InboxId:
    return await receive(office.house, BAD, MailOrigin.LMTP, Envelope())
