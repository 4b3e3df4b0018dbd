"""Who a mail comes from: one address in ORGANIZER, From and Reply-To, and where bounces go (ITIP.md, Out)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invito.services.ids import ParticipantId, ReferenceId
from invito.services.mail.senders import Sender, sender_of
from invito.services.mailboxes.servers import MailServer, Security
from invito.services.mailboxes.values import Mailbox, MailboxId, MailboxState
from invito.services.rules import Rules
from invito.services.signing import Keyring, Purpose

if TYPE_CHECKING:
    from tests.services.conftest import Make

KEYS = Keyring(["a secret of the test"])
SERVICE = Rules(mail_from="invito@nordlys.example")
NO_SERVICE = Rules(mail_from=None)
PER = ParticipantId(7)
SMTP = MailServer("smtp.nordlys.example", 587, Security.STARTTLS)
OWN = Mailbox(
    MailboxId(1), ReferenceId(1), "kari@nordlys.example", SMTP, MailServer("imap", 993, Security.TLS), "INBOX",
    MailboxState.OK, None, None,
)  # fmt: skip
UNREAD = replace(OWN, imap=None)


def tag_in(address: str) -> str:
    return address.partition("@")[0].partition("+")[2]


def test_the_owners_own_mailbox_comes_first_where_answers_are_read_there(make: Make) -> None:
    sender = sender_of(KEYS, SERVICE, OWN, make.follow_up(), PER)

    assert sender == Sender("Kari Nordmann", "kari@nordlys.example", "kari@nordlys.example", SMTP)


def test_a_mailbox_that_nobody_reads_gives_way_to_the_service(make: Make) -> None:
    sender = sender_of(KEYS, SERVICE, UNREAD, make.follow_up(), PER)

    assert sender is not None
    assert sender.server is None


def test_without_a_service_an_unread_mailbox_is_better_than_none(make: Make) -> None:
    sender = sender_of(KEYS, NO_SERVICE, UNREAD, make.follow_up(), PER)

    assert sender == Sender("Kari Nordmann", "kari@nordlys.example", "kari@nordlys.example", SMTP)


def test_the_services_address_carries_the_follow_up_and_bounces_carry_the_invitee(make: Make) -> None:
    follow_up = make.follow_up()

    sender = sender_of(KEYS, SERVICE, None, follow_up, PER)

    assert sender is not None
    assert sender.name == "Kari Nordmann"
    assert KEYS.number_in(Purpose.FOLLOW_UP_TAG, tag_in(sender.address)) == follow_up.id
    assert KEYS.number_in(Purpose.INVITEE_TAG, tag_in(sender.mail_from)) == PER
    assert {one.rpartition("@")[2] for one in (sender.address, sender.mail_from)} == {"nordlys.example"}


def test_without_any_mailbox_nobody_sends(make: Make) -> None:
    assert sender_of(KEYS, NO_SERVICE, None, make.follow_up(), PER) is None
