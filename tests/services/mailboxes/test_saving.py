"""A mailbox is kept only if it works, its password for nobody to read, and it can be taken away again."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from invito.plugins.contract import Language
from invito.services.errors import Refusal, UserErrorCode
from invito.services.language import current_language
from invito.services.mailboxes.problems import Fault, MailboxProblem
from invito.services.mailboxes.reading import mailbox_seen_by
from invito.services.mailboxes.removing import remove_mailbox
from invito.services.mailboxes.repository import mailboxes_select, note_state, read_mailbox
from invito.services.mailboxes.saving import save_mailbox
from invito.services.mailboxes.servers import normal_url
from invito.services.mailboxes.trying import try_mailbox
from invito.services.mailboxes.values import MailboxId, MailboxState, Protocol
from invito.services.signing import Keyring
from invito.services.storage.mail_tables import FolderPositionRow, MailboxRow
from invito.services.viewers import identify
from tests.mail_servers import PASSWORD

if TYPE_CHECKING:
    from invito.services.house import House
    from invito.services.mailboxes.values import Mailbox
    from invito.services.mailboxes.wishes import MailboxWish
    from tests.mail_servers import Dovecot
    from tests.services.conftest import Office
    from tests.services.mailboxes.conftest import Submission

WRONG = {"password": "wrong"}


@pytest.fixture
def house(office: Office) -> House:
    """The office's, in which mailboxes may be on the loopback."""
    rules = office.house.rules
    return replace(office.house, rules=replace(rules, mail=replace(rules.mail, mailbox_hosts=frozenset({"127.0.0.1"}))))


async def kept(house: House) -> list[Mailbox]:
    async with house.database.read() as connection:
        rows = await connection.execute(mailboxes_select().order_by(MailboxRow.id))
        return [read_mailbox(row, house.keys) for row in rows]


async def test_a_mailbox_that_works_is_kept_and_shown(office: Office, house: House, wish: MailboxWish) -> None:
    await save_mailbox(house, office.kari, wish)

    seen = await mailbox_seen_by(house, office.kari)
    assert seen is not None
    assert (seen.address, seen.state, seen.checked_at, seen.last_error) == (
        "kari@office.example",
        MailboxState.OK,
        house.now(),
        None,
    )
    (mailbox,) = await kept(house)
    assert mailbox.imap is not None
    assert (mailbox.smtp.username, mailbox.smtp.password, mailbox.imap.password) == ("kari", PASSWORD, PASSWORD)


async def test_a_mailbox_that_does_not_work_leaves_the_one_that_was_there(
    office: Office, house: House, wish: MailboxWish
) -> None:
    await save_mailbox(house, office.kari, wish)
    before = await kept(house)

    with pytest.raises(Refusal) as refusal:
        await save_mailbox(house, office.kari, replace(wish, **WRONG))

    assert [error.code for error in refusal.value.errors] == [UserErrorCode.MAILBOX_FAILED]
    assert await kept(house) == before


async def test_a_server_is_kept_in_one_form_however_it_was_typed(
    office: Office, house: House, wish: MailboxWish
) -> None:
    assert wish.imap_url is not None
    urls = (wish.smtp_url, wish.imap_url)

    await save_mailbox(house, office.kari, wish)
    async with house.database.write() as connection:
        (mailbox,) = await connection.execute(select(MailboxRow.id))
        position = {"mailbox": str(mailbox.id), "folder": "INBOX", "uid_validity": 1, "last_uid": 7}
        await connection.execute(insert(FolderPositionRow).values(position))
    typed = {"smtp_url": urls[0].upper() + "/", "imap_url": urls[1].upper()}
    await save_mailbox(house, office.kari, replace(wish, **typed))

    async with house.database.read() as connection:
        (row,) = await connection.execute(select(MailboxRow.smtp_url, MailboxRow.imap_url))
        (kept_position,) = await connection.execute(select(FolderPositionRow.last_uid))
    assert (tuple(row), kept_position.last_uid) == (urls, 7)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("smtps://h", "smtps://h:465"),
        ("SMTPS://H/", "smtps://h:465"),
        ("smtp://h:25", "smtp://h:25"),
        ("imap+plain://[::1]", "imap+plain://[::1]:143"),
    ],
)
def test_a_servers_url_has_one_form(typed: str, normal: str) -> None:
    assert normal_url(typed) == normal_url(normal) == normal


async def test_trying_stores_nothing(office: Office, house: House, wish: MailboxWish) -> None:
    await try_mailbox(house, office.kari, wish)
    with pytest.raises(Refusal):
        await try_mailbox(house, office.kari, replace(wish, **WRONG))

    assert await kept(house) == []


async def test_saving_again_takes_the_place_of_what_was_there(
    office: Office, house: House, wish: MailboxWish, submission: Submission
) -> None:
    await save_mailbox(house, office.kari, wish)
    submission.address = "kari.nordmann@office.example"

    await save_mailbox(house, office.kari, replace(wish, address="kari.nordmann@office.example"))

    assert [mailbox.address for mailbox in await kept(house)] == ["kari.nordmann@office.example"]


@pytest.mark.parametrize(
    ("changed", "is_kept"), [({"address": "k@office.example"}, True), ({"folder": "Answers"}, False)]
)
async def test_how_far_it_was_read_counts_for_the_same_folder_alone(
    office: Office,
    house: House,
    wish: MailboxWish,
    submission: Submission,
    dovecot: Dovecot,
    changed: dict[str, str],
    is_kept: bool,
) -> None:
    await save_mailbox(house, office.kari, wish)
    (mailbox,) = await kept(house)
    position = {"mailbox": str(mailbox.id), "folder": "INBOX", "uid_validity": 1, "last_uid": 7}
    async with house.database.write() as connection:
        await connection.execute(insert(FolderPositionRow).values(position))
    submission.address = changed.get("address", submission.address)
    with dovecot.box("kari") as box:
        if not box.folder.exists("Answers"):
            box.folder.create("Answers")

    await save_mailbox(house, office.kari, replace(wish, **changed))

    async with house.database.read() as connection:
        rows = (await connection.execute(select(FolderPositionRow.last_uid))).all()
    assert bool(rows) == is_kept


async def test_a_password_is_sealed_and_never_logged(
    office: Office, house: House, wish: MailboxWish, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "invito")
    await save_mailbox(house, office.kari, wish)
    with pytest.raises(Refusal) as refusal:
        await save_mailbox(house, office.kari, replace(wish, username="other"))

    async with house.database.read() as connection:
        row = (await connection.execute(select(*MailboxRow.__table__.columns))).one()
    assert PASSWORD not in repr(row) + str(refusal.value) + repr(await kept(house))
    assert PASSWORD not in "".join(one.getMessage() for one in caplog.records if not one.name.startswith("mail.log"))
    assert house.keys.unseal(row.password) == PASSWORD


async def test_a_password_whose_key_is_gone_is_no_password(office: Office, house: House, wish: MailboxWish) -> None:
    await save_mailbox(house, office.kari, wish)

    (mailbox,) = await kept(replace(house, keys=Keyring(["another secret of many characters"])))

    assert mailbox.smtp.password is None


async def test_what_is_removed_is_gone_and_the_services_mailbox_is_shown(
    office: Office, house: House, wish: MailboxWish
) -> None:
    await save_mailbox(house, office.kari, wish)

    await remove_mailbox(house, office.kari)
    await remove_mailbox(house, office.kari)

    assert await kept(house) == []
    seen = await mailbox_seen_by(house, office.kari)
    assert seen is not None
    assert (seen.id, seen.address, seen.state) == (None, "invito@nordlys.example", MailboxState.UNCHECKED)


async def test_a_mailbox_is_its_owners_alone(office: Office, house: House, wish: MailboxWish) -> None:
    await save_mailbox(house, office.kari, wish)

    await remove_mailbox(house, office.ola)

    seen = await mailbox_seen_by(house, office.ola)
    assert seen is not None
    assert seen.id is None
    assert len(await kept(house)) == 1


async def test_who_is_no_employee_has_no_mailbox(office: Office, house: House, wish: MailboxWish) -> None:
    for use_case in (
        save_mailbox(house, office.stranger, wish),
        try_mailbox(house, office.stranger, wish),
        remove_mailbox(house, office.stranger),
    ):
        with pytest.raises(Refusal) as refusal:
            await use_case
        assert [error.code for error in refusal.value.errors] == [UserErrorCode.FORBIDDEN]

    assert await mailbox_seen_by(house, office.stranger) is None


async def test_a_mailbox_of_ones_own_is_enough_to_send(office: Office, house: House, wish: MailboxWish) -> None:
    without_service = replace(house, rules=replace(house.rules, mail_from=None))

    before = await identify(without_service, "kari@nordlys.example")
    await save_mailbox(without_service, before, wish)
    after = await identify(without_service, "kari@nordlys.example")

    assert (before.can_send, after.can_send) == (False, True)


async def test_what_went_wrong_later_is_said_in_the_readers_language(
    office: Office, house: House, wish: MailboxWish
) -> None:
    await save_mailbox(house, office.kari, wish)
    (mailbox,) = await kept(house)
    problem = MailboxProblem(Fault.NO_CONNECTION, Protocol.IMAP, "imap.example", 993)
    async with house.database.write() as connection:
        await note_state(connection, MailboxId(mailbox.id), problem, house.now())

    english = await mailbox_seen_by(house, office.kari)
    current_language.set(Language.NB)
    norwegian = await mailbox_seen_by(house, office.kari)

    assert english is not None
    assert (english.state, english.last_error) == (
        MailboxState.UNREACHABLE,
        "imap.example takes no connection at port 993.",
    )
    assert norwegian is not None
    assert norwegian.last_error == "imap.example tar ikke imot forbindelser på port 993."
