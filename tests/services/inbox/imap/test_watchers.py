"""Viewers' own mailboxes are watched as they come and go, by one process each, and only what concerns us is read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from invito.services.busy.references import intern
from invito.services.inbox.imap import folder_steps as steps
from invito.services.inbox.imap.concerning import MailOutline, may_concern_invitations
from invito.services.mailboxes.imap_threads import imap_thread
from invito.services.mailboxes.problems import kept_problem
from invito.services.mailboxes.servers import read_server
from invito.services.mailboxes.values import MailboxState
from invito.services.storage.mail_tables import MailboxRow
from tests.mail_servers import PASSWORD, Dovecot, calendar_mail, mail
from tests.services.inbox.imap.conftest import PATIENT, Inbox, service, watching
from tests.services.inbox.imap.proxy import Proxy

if TYPE_CHECKING:
    from invito.services.house import House

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Boxes:
    """Employees' own mailboxes, as if they had been saved."""

    house: House
    port: int

    async def add(self, employee: str, **changed: Any) -> int:
        async with self.house.database.write() as connection:
            owner = (await intern(connection, [f"employee:{employee}"]))[f"employee:{employee}"]
            values = {
                "employee_id": owner, "address": f"{employee}@office.example", "smtp_url": "smtps://mx.example",
                "imap_url": f"imap+plain://127.0.0.1:{self.port}", "username": employee,
                "password": self.house.keys.seal(PASSWORD), "folder": "INBOX", "state": MailboxState.UNCHECKED,
            }  # fmt: skip
            added = await connection.execute(insert(MailboxRow).values(values | changed).returning(MailboxRow.id))
            number = int(added.scalar_one())
        # Only now: a look before the commit would not find it.
        self.house.mailboxes_poked.set()
        return number

    async def change(self, number: int, **values: Any) -> None:
        async with self.house.database.write() as connection:
            await connection.execute(update(MailboxRow).where(MailboxRow.id == number).values(values))
        self.house.mailboxes_poked.set()

    async def remove(self, number: int) -> None:
        async with self.house.database.write() as connection:
            await connection.execute(delete(MailboxRow).where(MailboxRow.id == number))
        self.house.mailboxes_poked.set()

    async def state(self, number: int, wanted: MailboxState) -> str | None:
        """What is said of a mailbox, once it stands there."""
        async with asyncio.timeout(30):
            while True:
                async with self.house.database.read() as connection:
                    query = select(MailboxRow.state, MailboxRow.last_error).where(MailboxRow.id == number)
                    row = (await connection.execute(query)).one()
                if row.state is wanted:
                    return None if row.last_error is None else kept_problem(row.last_error).sentence()
                await asyncio.sleep(0.01)


@pytest.fixture
def local(house: House) -> House:
    """The house, with mailboxes on the loopback allowed."""
    mail_rules = replace(house.rules.mail, mailbox_hosts=frozenset({"127.0.0.1"}))
    return replace(house, rules=replace(house.rules, mail=mail_rules))


@pytest.fixture
def boxes(local: House, dovecot: Dovecot) -> Boxes:
    return Boxes(local, dovecot.imap)


@ON_SQLITE
async def test_of_a_personal_mailbox_only_what_has_a_calendar_or_reports_is_fetched(
    local: House, inbox: Inbox, boxes: Boxes, dovecot: Dovecot
) -> None:
    async with Proxy(dovecot.imap).running() as proxy:
        number = await boxes.add("kari", imap_url=f"imap+plain://127.0.0.1:{proxy.port}")
        async with watching(local, None):
            await inbox.position(0, str(number))
            report = (
                b'Content-Type: multipart/report; boundary="x"\r\nSubject: report\r\n\r\n--x\r\n\r\nNo\r\n--x--\r\n'
            )
            dovecot.deliver("kari", mail("private one"), calendar_mail("answer"), mail("private two"), report)
            await inbox.holds("answer", "report")
            await inbox.position(4, str(number))

    rows = await inbox.rows()
    assert proxy.said.count(b"BODY.PEEK[])") == 2
    async with local.database.read() as connection:
        owner = (await connection.execute(select(MailboxRow.employee_id))).scalar_one()
    assert {row.mailbox_owner_id for row in rows} == {owner}


@ON_SQLITE
async def test_what_lay_in_a_personal_mailbox_before_is_not_read(
    local: House, inbox: Inbox, boxes: Boxes, dovecot: Dovecot
) -> None:
    dovecot.deliver("kari", calendar_mail("of long ago"), calendar_mail("of yesterday"))
    number = await boxes.add("kari")

    async with watching(local, None):
        await inbox.position(2, str(number))
        dovecot.deliver("kari", calendar_mail("new"))
        await inbox.position(3, str(number))

    assert await inbox.subjects() == ["new"]


@ON_SQLITE
async def test_mailboxes_that_come_and_go_while_it_runs(
    local: House, inbox: Inbox, boxes: Boxes, dovecot: Dovecot
) -> None:
    async with watching(local, service(dovecot)):
        dovecot.deliver("service", mail("to the service"))
        await inbox.holds("to the service")

        kari, ola = await boxes.add("kari"), await boxes.add("ola")
        await inbox.position(0, str(kari))
        await inbox.position(0, str(ola))
        dovecot.deliver("kari", calendar_mail("to Kari"))
        dovecot.deliver("ola", calendar_mail("to Ola"))
        await inbox.holds("to the service", "to Kari", "to Ola")

        await boxes.remove(kari)
        dovecot.deliver("ola", calendar_mail("to Ola again"))
        await inbox.holds("to the service", "to Kari", "to Ola", "to Ola again")


@ON_SQLITE
async def test_a_mailbox_that_was_changed_is_watched_as_it_is_now(
    local: House, inbox: Inbox, boxes: Boxes, dovecot: Dovecot
) -> None:
    number = await boxes.add("kari", password=local.keys.seal("wrong"))

    async with watching(local, None, replace(PATIENT, refused_retry=1_000)):
        said = await boxes.state(number, MailboxState.REFUSED)
        await boxes.change(number, password=local.keys.seal(PASSWORD))
        good = await boxes.state(number, MailboxState.OK)

    assert said == "127.0.0.1 refuses the user name or the password: [AUTHENTICATIONFAILED] Authentication failed."
    assert good is None


@ON_SQLITE
@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        ({"folder": "None such"}, MailboxState.REFUSED, "127.0.0.1 has no folder None such that can be read"),
        ({"password": "not sealed"}, MailboxState.REFUSED, "The password that was kept cannot be read any longer"),
        ({"imap_url": "imap://[fe80::1]"}, MailboxState.UNREACHABLE, "fe80::1 is no public server"),
    ],
)
async def test_what_is_wrong_with_a_mailbox_is_kept_for_its_owner(
    local: House, boxes: Boxes, changed: dict[str, str], state: MailboxState, said: str
) -> None:
    number = await boxes.add("kari", **changed)

    async with watching(local, None):
        told = await boxes.state(number, state)

    assert told is not None
    assert told.startswith(said)


@ON_SQLITE
async def test_a_mailbox_that_only_sends_is_not_watched(local: House, inbox: Inbox, boxes: Boxes) -> None:
    sends, reads = await boxes.add("kari", imap_url=None), await boxes.add("ola")

    async with watching(local, None):
        await inbox.position(0, str(reads))

    assert str(sends) not in await inbox.positions()


async def test_of_several_processes_one_watches_a_mailbox_and_another_takes_over_when_it_ends(
    local: House, inbox: Inbox, dovecot: Dovecot
) -> None:
    async with Proxy(dovecot.imap).running() as proxy:
        folder = service(dovecot, port=proxy.port)
        # A poke is for the house of one process; the second process has its own.
        other = replace(local, mailboxes_poked=asyncio.Event())
        async with watching(other, folder, look_again_seconds=0.05):
            async with watching(local, folder):
                dovecot.deliver("service", mail("one"))
                await inbox.holds("one")
                assert proxy.connections == 1
            await inbox.position(1)
            dovecot.deliver("service", mail("two"))
            await inbox.holds("one", "two")


@ON_SQLITE
async def test_a_mail_that_comes_between_looking_and_waiting_ends_the_waiting(house: House, dovecot: Dovecot) -> None:
    server = read_server(dovecot.url("service"))
    async with imap_thread(server, may_be_private=True, seconds=20) as thread, asyncio.timeout(20):
        await thread.do(partial(steps.open_folder, folder="INBOX", move_to=None))
        await thread.do(partial(steps.uids_after, last=0))
        dovecot.deliver("service", mail("between"))

        await thread.do(partial(steps.wait_for_news, seconds=100))

        assert await thread.do(partial(steps.uids_after, last=0)) == [1]


@ON_SQLITE
async def test_a_mail_that_is_told_of_in_passing_ends_the_waiting(house: House, dovecot: Dovecot) -> None:
    server = read_server(dovecot.url("service"))
    async with imap_thread(server, may_be_private=True, seconds=20) as thread, asyncio.timeout(20):
        await thread.do(partial(steps.open_folder, folder="INBOX", move_to=None))
        await thread.do(partial(steps.uids_after, last=0))
        dovecot.deliver("service", mail("told of by NOOP"))
        await thread.do(lambda session: session.client.noop())

        await thread.do(partial(steps.wait_for_news, seconds=100))


@pytest.mark.parametrize(
    ("structure", "return_path", "concerns"),
    [
        (b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 6 1)', b"", False),
        (b'(("TEXT" "PLAIN" NIL)("TEXT" "CALENDAR" ("METHOD" "REPLY") NIL NIL "BASE64") "MIXED")', b"", True),
        (b'("application" "ics" ("name" "invite.ics"))', b"", True),
        (b'("application" "octet-stream" ("name" "Svar.ICS") NIL NIL "base64" 90)', b"", True),
        (b'("text" "plain" ("name" "metrics.txt"))', b"", False),
        (b'(("text" "plain")("message" "delivery-status") "report" ("report-type" "delivery-status"))', b"", True),
        (b'("text" "plain" NIL)', b"Return-Path: <>\r\n\r\n", True),
        (b'("text" "plain" NIL)', b"Return-Path: <friend@elsewhere.example>\r\n\r\n", False),
    ],
)  # fmt: skip
def test_what_concerns_invitations_is_told_by_its_structure(
    structure: bytes, return_path: bytes, concerns: bool
) -> None:
    assert may_concern_invitations(MailOutline(100, structure, return_path)) == concerns
