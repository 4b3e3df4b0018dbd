"""Mails that a plugin hands over, in place of the service's own server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from invito.plugins import Language, MailPutOff, MailRefused, MailTransport, OutgoingMail, hookimpl
from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.values import EmailDelivery
from invito.services.language import current_language
from invito.services.mail import plugin_transport
from invito.services.mail.building import prepared
from invito.services.mail.delivering import Term, deliver
from invito.services.mail.delivery_queue import claim_ready
from invito.services.mail.result_book import ResultBook
from invito.services.mail.routes import MailRoutes
from invito.services.mail.smtp_transport import SmtpTransport
from invito.services.mail.values import MailState
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.mailboxes.reading import mailbox_seen_by
from invito.services.mailboxes.values import MailboxState
from tests.services.mail.conftest import LEASE, Post

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Sink


@dataclass
class Pigeons(MailTransport):
    """Keeps what it is handed; `then` is what comes of it."""

    taken: list[OutgoingMail] = field(default_factory=list)
    then: Callable[[], Any] = lambda: "on its way"

    async def send(self, mail: OutgoingMail) -> str:
        self.taken.append(mail)
        said = self.then()
        words: str = await said if asyncio.iscoroutine(said) else said
        return words


class PlainPigeons(MailTransport):
    def __init__(self) -> None:
        self.taken: list[OutgoingMail] = []

    def send(self, mail: OutgoingMail) -> str:
        self.taken.append(mail)
        return "on its way"


class Hanging(MailTransport):
    """Comes to no end until it is released."""

    def __init__(self, released: threading.Event) -> None:
        self.released = released

    def send(self, mail: OutgoingMail) -> str:
        self.released.wait(30)
        return "on its way"


class Loft:
    """A plugin whose way out is what `way` answers."""

    def __init__(self, way: Callable[[], Any]) -> None:
        self.way, self.asked = way, 0

    @hookimpl
    def invito_mail_transport(self) -> Any:
        self.asked += 1
        return self.way()


def post_by(office: Office, sink: Sink, *plugins: object) -> Post:
    """The outbox of a house with these plugins, and the sink as its server."""
    office.house.plugins.load(plugins)
    server = SmtpTransport(sink.server, rest_seconds=0)
    return Post(office, MailRoutes(server, reaching({"127.0.0.1"}, 5), office.house.plugins.hooks))


def raising(problem: Exception) -> Callable[[], Any]:
    def then() -> Any:
        raise problem

    return then


@pytest.mark.parametrize("make", [Pigeons, PlainPigeons])
async def test_it_takes_the_mails_in_place_of_the_server_and_is_asked_once(
    office: Office, sink: Sink, make: Callable[[], Pigeons]
) -> None:
    pigeons = make()
    loft = Loft(lambda: pigeons)
    post = post_by(office, sink, loft)
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)

    await post.send_later()

    assert {mail.rcpt_to for mail in pigeons.taken} == {"per@kunde.example", "ola@nordlys.example"}
    assert all(mail.message_id.encode() in mail.raw for mail in pigeons.taken)
    assert (await office.participants(made))["Per"].email_delivery is EmailDelivery.SENT
    assert (sink.taken, loft.asked) == ([], 1)


async def test_one_that_has_none_leaves_it_to_the_server(office: Office, sink: Sink) -> None:
    loft = Loft(lambda: None)
    post = post_by(office, sink, loft)
    await office.create(office.ref.per, office.ref.ola, email_invitations=True)

    await post.send_later()

    assert (len(sink.taken), loft.asked) == (2, 1)
    await post.routes.close()


async def test_what_it_refuses_failed_with_its_words(office: Office, sink: Sink) -> None:
    post = post_by(office, sink, Loft(lambda: Pigeons(then=raising(MailRefused("no such loft")))))
    made = await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    per = (await office.participants(made))["Per"]
    assert (per.email_delivery, per.email_error) == (EmailDelivery.FAILED, "no such loft")


@pytest.mark.parametrize(
    ("problem", "words", "may_be_out"),
    [
        (MailPutOff("fog"), "fog", False),
        (MailPutOff("lost sight", may_be_out=True), "lost sight", True),
        (RuntimeError("kari@nordlys.example"), "plugin Loft failed (RuntimeError)", True),
    ],
)
async def test_what_it_does_not_take_now_is_tried_again(
    office: Office, sink: Sink, problem: Exception, words: str, may_be_out: bool
) -> None:
    pigeons = Pigeons(then=raising(problem))
    post = post_by(office, sink, Loft(lambda: pigeons))
    made = await office.create(office.ref.per, email_invitations=True)

    await post.send_later()
    (row,) = await post.rows()
    pigeons.then = lambda: "on its way"
    await post.end_leases()
    await post.send_later()

    assert (row.state, row.diagnosis, row.claimed_by is not None) == (MailState.QUEUED, words, may_be_out)
    assert (await office.participants(made))["Per"].email_delivery is EmailDelivery.SENT
    assert len({mail.message_id for mail in pigeons.taken}) == 1


async def test_one_that_hangs_is_not_waited_for_and_the_mail_may_be_out(
    office: Office, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_transport, "_SENDING_SECONDS", 0.1)
    post = post_by(office, sink, Loft(lambda: Pigeons(then=lambda: asyncio.Event().wait())))
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    (row,) = await post.rows()
    assert row.diagnosis == "plugin Loft did not answer within 0.1 seconds"
    assert row.claimed_by is not None


async def test_one_that_has_no_turn_for_a_mail_does_not_have_it(
    office: Office, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_transport, "_SENDING_SECONDS", 0.1)
    released = threading.Event()
    post = post_by(office, sink, Loft(lambda: Hanging(released)))
    await office.create(*(TypedEmail(f"gjest{number}@kunde.example") for number in range(9)), email_invitations=True)

    office.clock.go_on(hours=2)
    book, term = ResultBook(office.house), Term.beginning(LEASE)
    deliveries = await prepared(office.house, await claim_ready(office.house, LEASE, 9))

    await asyncio.gather(*(deliver(office.house, post.routes, book, one, term) for one in deliveries))
    released.set()

    rows = await post.rows()
    (unsent,) = (row for row in rows if row.claimed_by is None)
    assert unsent.diagnosis == "plugin Loft has 8 calls under way, and none of them ended within 0.1 seconds"


async def test_an_answer_that_says_nothing_is_no_answer(office: Office, sink: Sink) -> None:
    post = post_by(office, sink, Loft(lambda: Pigeons(then=lambda: None)))
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    (row,) = await post.rows()
    assert row.diagnosis == "plugin Loft gave a wrong answer (None, where a str is expected)"


@pytest.mark.parametrize("way", [raising(RuntimeError()), lambda: "smtp"])
async def test_while_it_fails_to_say_how_no_mail_goes_another_way(
    office: Office, sink: Sink, way: Callable[[], Any]
) -> None:
    pigeons = Pigeons()
    loft = Loft(way)
    post = post_by(office, sink, loft)
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()
    (row,) = await post.rows()
    loft.way = lambda: pigeons
    await post.send_later()

    assert row.state is MailState.QUEUED
    assert row.diagnosis.startswith("plugin Loft ")
    assert (sink.taken, len(pigeons.taken)) == ([], 1)


async def test_one_that_fails_shows_to_everybody_until_it_works_again(office: Office, sink: Sink) -> None:
    pigeons = Pigeons(then=raising(RuntimeError("kari@nordlys.example")))
    post = post_by(office, sink, Loft(lambda: pigeons))
    # More than it may fail in a row: of the last ones it is not asked.
    await office.create(*(TypedEmail(f"gjest{number}@kunde.example") for number in range(7)), email_invitations=True)

    await post.send_later()
    failing = await mailbox_seen_by(office.house, office.admin)
    current_language.set(Language.NB)
    in_norwegian = await mailbox_seen_by(office.house, office.admin)

    assert failing is not None
    assert in_norwegian is not None
    assert len(pigeons.taken) < 7
    assert failing.state is MailboxState.UNREACHABLE
    assert failing.last_error == "Mails go out by the plugin Loft, which fails: it failed (RuntimeError)"
    assert in_norwegian.last_error == "E-post går ut gjennom utvidelsen Loft, som svikter: failed (RuntimeError)"


@pytest.mark.parametrize("way", [raising(RuntimeError()), lambda: "smtp"])
async def test_one_that_fails_to_say_how_shows_too_until_it_does(
    office: Office, sink: Sink, way: Callable[[], Any]
) -> None:
    loft = Loft(way)
    post = post_by(office, sink, loft)
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()
    failing = await mailbox_seen_by(office.house, office.kari)
    loft.way = Pigeons
    await post.send_later()
    working = await mailbox_seen_by(office.house, office.kari)

    assert failing is not None
    assert working is not None
    assert (failing.state, working.state) == (MailboxState.UNREACHABLE, MailboxState.OK)
