"""Plugins change mails before they go, and are told of those that went."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar
from structlog.testing import capture_logs

from invito.plugins import Attachment, EmailSent, InvitationMail, Language, MailMessage, hookimpl
from invito.services.events.dispatching import EventDispatcher
from invito.services.follow_ups.values import EmailDelivery
from invito.services.storage.message_tables import EventRow

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post, Sink

PLAN = Attachment("Veien til «Ørnen».pdf", "application/pdf", b"%PDF-1.7 \x00\xff")


class Signing:
    """Adds a footer, a header and a map."""

    def __init__(self) -> None:
        self.asked: list[InvitationMail] = []

    @hookimpl
    async def invito_compose_email(self, message: MailMessage, invitation: InvitationMail) -> MailMessage:
        self.asked.append(invitation)
        return replace(
            message,
            subject=f"[Nordlys] {message.subject}",
            text=message.text + "Nordlys AS æøå\n",
            headers=(*message.headers, ("X-Campaign", "Høst")),
            attachments=(PLAN,),
        )


class Shouting:
    @hookimpl
    def invito_compose_email(self, message: MailMessage) -> MailMessage:
        return replace(message, subject=message.subject.upper())


class Leaving:
    @hookimpl
    def invito_compose_email(self) -> None:
        return None


class Broken:
    @hookimpl
    def invito_compose_email(self, message: MailMessage) -> Any:
        return replace(message, headers=(("Bcc", "eve@evil.example"),))


class Told:
    def __init__(self) -> None:
        self.told: asyncio.Queue[EmailSent] = asyncio.Queue()

    @hookimpl
    async def invito_email_sent(self, event: EmailSent) -> None:
        await self.told.put(event)


async def test_a_plugin_adds_to_what_a_mail_says_and_the_object_stays_as_it_is(
    office: Office, post: Post, sink: Sink
) -> None:
    plugin = Signing()
    office.house.plugins.load([plugin])
    made = await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    (taken,) = sink.taken
    message, follow_up = taken.message, await office.follow_up(made)
    assert message["Subject"] == "[Nordlys] Invitation: Budget"
    assert message["X-Campaign"] == "Høst"
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().endswith("Nordlys AS æøå\r\n")
    *_, ics, plan = message.iter_attachments()
    assert (ics.get_filename(), plan.get_filename()) == ("invite.ics", PLAN.name)
    assert (plan.get_content_type(), plan.get_content()) == (PLAN.content_type, PLAN.content)
    assert str(Calendar.from_ical(ics.get_content()).walk("VEVENT")[0]["UID"]) == follow_up.uid
    assert plugin.asked == [
        InvitationMail(
            follow_up.uid, "REQUEST", "Budget", follow_up.start, follow_up.end, None, "Kari Nordmann", office.ref.per,
            "Per Ødegård", "per@kunde.example", Language.EN, "Europe/Oslo",
        )
    ]  # fmt: skip


async def test_plugins_change_a_mail_one_after_the_other(office: Office, post: Post, sink: Sink) -> None:
    office.house.plugins.load([Shouting(), Leaving(), Signing()])
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    assert sink.taken[0].message["Subject"] == "[NORDLYS] INVITATION: BUDGET"


async def test_a_mail_goes_as_it_was_where_a_plugin_makes_something_wrong_of_it(
    office: Office, post: Post, sink: Sink
) -> None:
    office.house.plugins.load([Broken()])
    await office.create(office.ref.per, email_invitations=True)

    with capture_logs() as lines:
        await post.send_later()

    assert sink.taken[0].message["Bcc"] is None
    assert sink.taken[0].message["Subject"] == "Invitation: Budget"
    (line,) = [line for line in lines if line["event"] == "plugin failed"]
    assert (line["plugin"], line["call"]) == ("Broken", "invito_compose_email")
    assert "eve@evil.example" not in str(lines)


@pytest.mark.parametrize("value", ["=?utf-8?q?=0D=0ABcc:_eve@evil.example?=", "a" * 900, "😀" * 300])
async def test_a_header_of_a_plugin_stays_one_header(office: Office, post: Post, sink: Sink, value: str) -> None:
    class Adding:
        @hookimpl
        def invito_compose_email(self, message: MailMessage) -> MailMessage:
            return replace(message, headers=(("X-Note", value),))

    office.house.plugins.load([Adding()])
    await office.create(office.ref.per, email_invitations=True)

    await post.send_later()

    message = sink.taken[0].message
    assert message["Bcc"] is None
    assert str(message["X-Note"]).replace(" ", "") == value.replace("=?", "= ?").replace(" ", "")
    assert all(len(line) <= 998 for line in sink.taken[0].raw.split(b"\r\n"))


async def test_plugins_are_told_of_mails_that_went_and_of_no_others(office: Office, post: Post, sink: Sink) -> None:
    plugin = Told()
    office.house.plugins.load([plugin])
    dispatcher = EventDispatcher(office.house.database, office.house.plugins)
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)

    async def refusing_ola(_: object, envelope: Any) -> str | None:
        return "550 no" if envelope.rcpt_tos[0].startswith("ola") else None

    sink.at["RCPT"] = refusing_ola
    await post.send_later()
    assert len(await office.rows_of(EventRow)) == 1
    dispatcher.start()
    told = await asyncio.wait_for(plugin.told.get(), 30)
    await dispatcher.stop()

    there = await office.participants(made)
    assert (there["Per"].email_delivery, there["Ola"].email_delivery) == (EmailDelivery.SENT, EmailDelivery.FAILED)
    uid, message_id = (await office.follow_up(made)).uid, sink.taken[0].message["Message-ID"]
    assert told == EmailSent(uid, office.ref.per, "REQUEST", message_id, office.clock())
