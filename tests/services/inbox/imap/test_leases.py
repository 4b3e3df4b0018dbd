"""Who watches which mailbox, and that many of them cost little while nothing changes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update

from invito.services.busy.references import intern
from invito.services.inbox.imap.leases import Leases, claim_watches, leases_of, release_watches
from invito.services.inbox.imap.watched_folders import PersonalFolders, WatchKey
from invito.services.mailboxes.values import MailboxId, MailboxState
from invito.services.signing import Keyring
from invito.services.storage.mail_tables import MailboxRow
from tests.services.inbox.imap.conftest import service, watching
from tests.statements import statements_of

if TYPE_CHECKING:
    from invito.services.house import House
    from invito.services.storage.database import Database
    from tests.mail_servers import Dovecot

MINUTE = timedelta(minutes=1)
A, B, C = (WatchKey(key) for key in "123")


async def claim(database: Database, watcher: str, *keys: WatchKey, lease: timedelta = MINUTE) -> set[WatchKey]:
    async with database.write() as connection:
        return await claim_watches(connection, watcher, keys, lease)


async def stand(database: Database, watcher: str, lease: timedelta = MINUTE) -> Leases:
    async with database.read() as connection:
        return await leases_of(connection, watcher, lease)


async def test_what_is_free_or_its_own_is_a_watchers_and_what_another_has_is_not(database: Database) -> None:
    assert await claim(database, "one", A, B) == {A, B}
    assert await claim(database, "two", B, C) == {C}
    assert await claim(database, "one", A, B, C) == {A, B}

    assert await stand(database, "one") == Leases(frozenset({A, B}), frozenset({C}))


async def test_what_ran_out_or_was_left_is_free(database: Database) -> None:
    await claim(database, "one", A, lease=-MINUTE)
    await claim(database, "two", B)
    async with database.write() as connection:
        await release_watches(connection, "two")

    assert await stand(database, "three") == Leases(frozenset(), frozenset())
    assert await claim(database, "three", A, B) == {A, B}


async def test_a_lease_is_to_be_renewed_once_a_third_of_it_is_over(database: Database) -> None:
    await claim(database, "one", A, lease=MINUTE)

    assert (await stand(database, "one", MINUTE * 1.4)).own == {A}
    assert (await stand(database, "one", MINUTE * 1.6)).own == set()
    assert (await stand(database, "two", MINUTE * 1.6)).others == {A}


async def test_any_number_of_mailboxes_is_claimed_in_one_statement(database: Database) -> None:
    many = [WatchKey(str(number)) for number in range(2_000)]
    with statements_of(database) as statements:
        assert await claim(database, "one", *many) == set(many)

    assert len([one for one in statements if "mailbox_watch" in one]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_looking_again_writes_nothing_while_nothing_changed(house: House, dovecot: Dovecot) -> None:
    with statements_of(house.database) as statements:
        async with watching(house, service(dovecot), look_again_seconds=0.01), asyncio.timeout(30):
            while sum("FROM mailbox_watch" in one for one in statements) < 5:  # noqa: ASYNC110  # five looks
                await asyncio.sleep(0.01)

    assert sum(one.startswith("INSERT INTO mailbox_watch") for one in statements) == 1


async def test_a_password_is_unsealed_when_it_is_new_or_changed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    kari, ola = [await add(house, name) for name in ("kari", "ola")]
    unsealed: list[str] = []
    unseal = Keyring.unseal

    def counted(keys: Keyring, sealed: str) -> str | None:
        unsealed.append(sealed)
        return unseal(keys, sealed)

    monkeypatch.setattr(Keyring, "unseal", counted)
    folders = PersonalFolders(house)
    changes: list[dict[str, str]] = [
        {"folder": "INBOX"}, {"last_error": "seen"}, {"folder": "Other"}, {"password": house.keys.seal("new")}
    ]  # fmt: skip

    looks = []
    for change in changes:
        async with house.database.write() as connection:
            await connection.execute(update(MailboxRow).where(MailboxRow.id == ola).values(change))
            there = {one.mailbox: (one.folder, one.server.password) for one in await folders.now(connection)}
        looks.append((len(unsealed), there.keys() == {kari, ola}, there[ola]))

    assert looks == [
        (2, True, ("INBOX", "old")),
        (2, True, ("INBOX", "old")),
        (3, True, ("Other", "old")),
        (4, True, ("Other", "new")),
    ]


async def add(house: House, name: str) -> MailboxId:
    async with house.database.write() as connection:
        owner = (await intern(connection, [f"employee:{name}"]))[f"employee:{name}"]
        values = {
            "employee_id": owner, "address": f"{name}@office.example", "smtp_url": "smtps://mx.example",
            "imap_url": "imaps://imap.example", "username": name, "password": house.keys.seal("old"),
            "folder": "INBOX", "state": MailboxState.UNCHECKED,
        }  # fmt: skip
        added = await connection.execute(insert(MailboxRow).values(values).returning(MailboxRow.id))
        return MailboxId(added.scalar_one())
