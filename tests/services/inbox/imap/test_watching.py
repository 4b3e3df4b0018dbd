"""A watched folder: what comes is kept at once, whatever the connection goes through, and nothing is changed there."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from imap_tools.errors import MailboxFetchError

from invito.services.inbox.imap import folder_steps
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES
from invito.services.inbox.values import MailOrigin
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mailboxes.problems import Fault
from invito.services.mailboxes.service_mailbox import Sight, service_sight
from tests.mail_servers import Dovecot, mail
from tests.services.inbox.imap.conftest import PATIENT, Inbox, service, watching
from tests.services.inbox.imap.proxy import Proxy

if TYPE_CHECKING:
    from invito.services.house import House
    from invito.services.mailboxes.imap_sessions import ImapSession

# What is kept is the same on both databases; see test_watchers.py for what several processes share.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_mails_that_are_there_are_kept_in_their_order_as_they_are(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    odd = b"Subject: odd\r\nX-Odd: \xe6\xf8\xe5\r\n\r\n\x01\xff bytes \r\nas they are"
    dovecot.deliver("service", mail("one"), odd, mail("three"))

    async with watching(house, service(dovecot)):
        await inbox.holds("one", "odd", "three")

    rows = await inbox.rows()
    assert await inbox.subjects() == ["one", "odd", "three"]
    assert rows[1].raw.endswith(odd + b"\r\n")
    assert {(row.origin, row.envelope_from, tuple(row.envelope_to)) for row in rows} == {(MailOrigin.IMAP, None, ())}


async def test_a_mail_that_comes_is_kept_while_idling(house: House, inbox: Inbox, dovecot: Dovecot) -> None:
    dovecot.deliver("service", mail("before"))

    async with watching(house, service(dovecot)):
        await inbox.holds("before")
        dovecot.deliver("service", mail("while watching"))
        await inbox.holds("before", "while watching")
        dovecot.deliver("service", mail("and again"))
        await inbox.holds("before", "while watching", "and again")


async def test_without_idle_the_folder_is_looked_into_now_and_then(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    configuration = dovecot.folder / "dovecot.conf"
    configuration.write_text(configuration.read_text() + "imap_capability = IMAP4rev1 UIDPLUS\n")
    dovecot.stop()
    dovecot.start()

    async with (
        Proxy(dovecot.imap).running() as proxy,
        watching(house, service(dovecot, port=proxy.port), replace(PATIENT, poll=0.05)),
    ):
        dovecot.deliver("service", mail("one"))
        await inbox.holds("one")
        dovecot.deliver("service", mail("two"))
        await inbox.holds("one", "two")

    assert b"IDLE" not in proxy.said


async def test_reading_leaves_no_trace(house: House, inbox: Inbox, dovecot: Dovecot) -> None:
    dovecot.deliver("service", mail("one"), mail("two"))

    async with watching(house, service(dovecot)):
        await inbox.holds("one", "two")

    with dovecot.box("service") as box:
        # \Recent goes to the first who selects the folder to change it.
        assert [message.flags for message in box.fetch(mark_seen=False)] == [("\\Recent",), ("\\Recent",)]


async def test_what_was_kept_is_not_asked_for_again(house: House, inbox: Inbox, dovecot: Dovecot) -> None:
    dovecot.deliver("service", mail("one"), mail("two"))
    async with watching(house, service(dovecot)):
        await inbox.position(2)

    async with Proxy(dovecot.imap).running() as proxy:
        dovecot.deliver("service", mail("three"))
        async with watching(house, service(dovecot, port=proxy.port)):
            await inbox.holds("one", "two", "three")

    assert proxy.said.count(b"BODY.PEEK[]") == 1


async def test_a_dropped_connection_is_made_anew_and_nothing_is_lost_or_doubled(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    async with Proxy(dovecot.imap).running() as proxy, watching(house, service(dovecot, port=proxy.port)):
        dovecot.deliver("service", mail("0"))
        await inbox.holds("0")
        for count in range(1, 6):
            proxy.drop()
            dovecot.deliver("service", mail(str(count)))
            await inbox.holds(*map(str, range(count + 1)))

    assert proxy.connections >= 6


async def test_a_server_that_restarts_is_connected_to_again(house: House, inbox: Inbox, dovecot: Dovecot) -> None:
    async with watching(house, service(dovecot)):
        dovecot.deliver("service", mail("before"))
        await inbox.holds("before")

        dovecot.stop()
        dovecot.start()
        dovecot.deliver("service", mail("after"))

        await inbox.holds("before", "after")


async def test_a_connection_that_is_dead_without_a_word_is_noticed_within_a_round(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    patience = replace(PATIENT, idle=0.2, answer=0.2)
    async with Proxy(dovecot.imap).running() as proxy, watching(house, service(dovecot, port=proxy.port), patience):
        dovecot.deliver("service", mail("before"))
        await inbox.holds("before")

        proxy.go_silent()
        dovecot.deliver("service", mail("meanwhile"))

        await inbox.holds("before", "meanwhile")

    assert proxy.connections > 1


async def test_a_folder_that_was_numbered_anew_is_read_anew_and_nothing_is_doubled(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    dovecot.deliver("service", mail("one"), mail("two"), mail("three"))
    async with watching(house, service(dovecot)):
        await inbox.position(3)
    _renumber(dovecot)
    dovecot.deliver("service", mail("four"))

    async with watching(house, service(dovecot)):
        await inbox.holds("one", "two", "three", "four")
        await inbox.position(4)


async def test_a_new_numbering_below_the_old_position_hides_no_mail(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    dovecot.deliver("service", mail("one"), mail("two"), mail("three"))
    async with watching(house, service(dovecot)):
        await inbox.position(3)
    with dovecot.box("service") as box:
        box.delete(box.uids())
    _renumber(dovecot)
    dovecot.deliver("service", mail("new"))

    async with watching(house, service(dovecot)):
        await inbox.holds("one", "two", "three", "new")
        await inbox.position(1)


async def test_mails_are_moved_once_they_are_kept(house: House, inbox: Inbox, dovecot: Dovecot) -> None:
    dovecot.deliver("service", mail("one"), mail("two"))

    async with watching(house, service(dovecot, move_to="Kept æøå")):
        await inbox.holds("one", "two")
        dovecot.deliver("service", mail("three"))
        await inbox.holds("one", "two", "three")
        await inbox.position(3)

    # Moving comes after keeping: what the end came between is moved the next time.
    async with watching(house, service(dovecot, move_to="Kept æøå")):
        dovecot.deliver("service", mail("four"))
        await inbox.position(4)
        dovecot.deliver("service", mail("five"))
        await inbox.position(5)
    with dovecot.box("service", "Kept æøå") as box:
        assert {"one", "two", "three", "four"} <= {message.subject for message in box.fetch()}
    assert len(await inbox.subjects()) == 5


async def test_a_mail_that_the_server_does_not_give_stays_where_it_is(
    house: House, inbox: Inbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raw_mail(session: ImapSession, uid: int, most_bytes: int | None = None) -> bytes | None:
        if uid == 2:
            raise MailboxFetchError(command_result=("NO", [b"damaged"]), expected="OK")
        return folder_steps_raw_mail(session, uid, most_bytes)

    folder_steps_raw_mail = folder_steps.raw_mail
    monkeypatch.setattr(folder_steps, "raw_mail", raw_mail)
    dovecot.deliver("service", mail("one"), mail("damaged"), mail("three"))

    # The second time nobody remembers which were passed over.
    for position, subject in ((4, "four"), (6, "six")):
        async with watching(house, service(dovecot, move_to="Kept")):
            await inbox.position(position - 1)
            dovecot.deliver("service", mail(subject))
            await inbox.position(position)
            dovecot.deliver("service", mail(f"after {subject}"))
            await inbox.position(position + 1)

    with dovecot.box("service", "Kept") as box:
        moved = {message.subject for message in box.fetch()}
    with dovecot.box("service") as box:
        left = {message.subject for message in box.fetch()}
    assert {"one", "three", "four", "after four", "six"} <= moved
    assert "damaged" in left


async def test_of_a_mail_that_is_too_large_only_the_head_is_fetched(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    dovecot.deliver("service", mail("huge", "x" * 70 + "\n" + ("y" * 70 + "\n") * (2 * MOST_BYTES // 71)))

    async with Proxy(dovecot.imap).running() as proxy, watching(house, service(dovecot, port=proxy.port)):
        await inbox.holds("huge")

    (row,) = await inbox.rows()
    assert (row.outcome, row.reason, len(row.raw)) == (InboundOutcome.QUARANTINED, "MAIL_TOO_LARGE", HEAD_BYTES)
    assert f"BODY.PEEK[]<0.{HEAD_BYTES}>".encode() in proxy.said
    assert b"BODY.PEEK[])" not in proxy.said


async def test_a_mail_that_is_gone_before_it_is_fetched_holds_nothing_up(
    house: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    dovecot.deliver("service", mail("one"), mail("gone"), mail("three"))
    with dovecot.box("service") as box:
        box.delete(box.uids()[1:2])

    async with watching(house, service(dovecot)):
        await inbox.holds("one", "three")
        await inbox.position(3)


def _renumber(dovecot: Dovecot) -> None:
    """As if the server had been set up anew from a backup: numbered from 1, under another UIDVALIDITY."""
    folder = dovecot.folder / "mail" / "service"
    for index in folder.glob("dovecot.index*"):
        index.unlink()
    numbers = folder / "dovecot-uidlist"
    guid = re.search(r" G\w+", numbers.read_text())
    assert guid is not None
    numbers.write_text(f"3 V1234567890 N1{guid.group()}\n")


async def test_what_is_wrong_with_the_services_folder_is_kept_for_all_to_see(house: House, dovecot: Dovecot) -> None:
    folder = replace(service(dovecot), folder="Answers")

    async with watching(house, folder), asyncio.timeout(30):
        while (sight := await _sight(house)) is None:  # noqa: ASYNC110  # what is waited for is the row
            await asyncio.sleep(0.01)

    assert sight.problem is not None
    assert (sight.problem.fault, sight.problem.subject) == (Fault.FOLDER, "Answers")


async def _sight(house: House) -> Sight | None:
    async with house.database.read() as connection:
        return await service_sight(connection)
