"""A viewer's own mailbox through the API; what works and what does not is in tests/services/mailboxes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.mail_rules import MailRules
from invito.services.rules import Rules
from tests.certificates import make_certificates
from tests.mail_servers import PASSWORD, running_dovecot
from tests.services.mailboxes.conftest import Submission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STATE = """viewer { emailInvitations { isEnabled } mailbox { id } }
    mailbox { id address isServiceMailbox state checkedAt lastError } errors { code path message }"""
SAVE = f"mutation ($input: SaveMailboxInput!) {{ saveMailbox(input: $input) {{ {STATE} }} }}"
TEST = f"mutation ($input: SaveMailboxInput!) {{ testMailbox(input: $input) {{ {STATE} }} }}"
REMOVE = f"mutation {{ removeMailbox {{ {STATE} }} }}"
INSIDE: dict[str, Any] = {
    "address": "kari@office.example",
    "smtpUrl": "smtps://127.0.0.1:465",
    "imapUrl": "imaps://127.0.0.1:993",
    "username": "kari",
    "password": "canary",
}


@pytest.fixture
def without_service(office: Office) -> Office:
    """The office without an address of its own, where mailboxes may be on the loopback."""
    rules = Rules(mail=MailRules(mailbox_hosts=frozenset({"127.0.0.1"})))
    return replace(office, house=replace(office.house, rules=rules))


@pytest.fixture
async def works() -> AsyncIterator[dict[str, Any]]:
    """The input of a mailbox that works."""
    with running_dovecot(make_certificates()) as dovecot:
        async with Submission().listening(tls=None, starts=None) as port:
            urls = {"smtpUrl": f"smtp+plain://127.0.0.1:{port}", "imapUrl": f"imap+plain://127.0.0.1:{dovecot.imap}"}
            yield INSIDE | urls | {"password": PASSWORD}


async def test_saving_makes_the_button_work_and_removing_stops_it(
    without_service: Office, works: dict[str, Any]
) -> None:
    tested = (await without_service.answer(TEST, input=works))["testMailbox"]
    saved = (await without_service.answer(SAVE, input=works))["saveMailbox"]
    removed = (await without_service.answer(REMOVE))["removeMailbox"]

    off = {"emailInvitations": {"isEnabled": False}, "mailbox": None}
    assert tested == removed == {"viewer": off, "mailbox": None, "errors": []}
    assert saved["errors"] == []
    assert saved["viewer"] == {"emailInvitations": {"isEnabled": True}, "mailbox": {"id": saved["mailbox"]["id"]}}
    shown = {name: saved["mailbox"][name] for name in ("address", "isServiceMailbox", "state", "lastError")}
    assert shown == {
        "address": "kari@office.example",
        "isServiceMailbox": False,
        "state": "OK",
        "lastError": None,
    }


@pytest.mark.parametrize(("query", "name"), [(SAVE, "saveMailbox"), (TEST, "testMailbox")])
async def test_what_failed_is_said_at_its_field_beside_the_mailbox_as_it_is(
    office: Office, query: str, name: str
) -> None:
    refused = (await office.answer(query, input=INSIDE))[name]

    assert [(error["code"], error["path"]) for error in refused["errors"]] == [
        ("MAILBOX_FAILED", ["smtpUrl"]),
        ("MAILBOX_FAILED", ["imapUrl"]),
    ]
    assert "canary" not in repr(refused)
    assert refused["mailbox"]["address"] == "invito@office.example"


async def test_the_services_mailbox_is_shown_where_there_is_no_other(office: Office) -> None:
    found = await office.answer("{ viewer { mailbox { address isServiceMailbox state checkedAt lastError } } }")

    assert found["viewer"]["mailbox"] == {
        "address": "invito@office.example",
        "isServiceMailbox": True,
        "state": "UNCHECKED",
        "checkedAt": None,
        "lastError": None,
    }


async def test_null_for_the_folder_is_the_inbox_and_for_imap_none(
    without_service: Office, works: dict[str, Any]
) -> None:
    saved = (await without_service.answer(SAVE, input=works | {"imapUrl": None, "folder": None}))["saveMailbox"]

    assert saved["errors"] == []
