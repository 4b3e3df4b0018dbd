"""What becomes of mails that are handed over to a real server, which takes, puts off, refuses or says nothing (F23)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar
from sqlalchemy import update

from invito.services.changes import follow_up_topic, notification_topic
from invito.services.follow_ups.commands import (
    CancelFollowUp,
    FieldChanges,
    InviteeWish,
    InviteParticipants,
    NotifyInvitees,
    RemoveParticipants,
    UpdateFollowUp,
)
from invito.services.follow_ups.values import EmailDelivery
from invito.services.ids import FollowUpId
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import invite_participants, remove_participants, update_follow_up
from invito.services.mail.delivery_queue import claim_ready
from invito.services.mail.delivery_results import DeliveryResult, Fate
from invito.services.mail.result_book import ResultBook
from invito.services.mail.routes import MailRoutes
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import MailMethod, MailState
from invito.services.mailboxes.reachable_hosts import reaching
from invito.services.notifications.values import NotificationKind
from invito.services.storage.mail_tables import OutboxRow
from tests.services.mail.conftest import Post, lets_in, routes_to, with_own_mailbox

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

    from tests.services.conftest import Office
    from tests.services.mail.conftest import Listening, Sink, Taken

LEASE = timedelta(minutes=15)
REQUEST, CANCEL = MailMethod.REQUEST, MailMethod.CANCEL
PER = "per@kunde.example"


def calendar(taken: Taken) -> Any:
    """The iCalendar object of a mail, with its only VEVENT's properties within reach."""
    part = taken.message.get_body(("calendar",)) or next(
        one for one in taken.message.walk() if one.get_content_type() == "text/calendar"
    )
    return Calendar.from_ical(part.get_content())


def said(taken: Taken) -> tuple[str, str, int]:
    """To whom, what, with which SEQUENCE."""
    there = calendar(taken)
    return taken.rcpt_to, str(there["METHOD"]), int(there.walk("VEVENT")[0]["SEQUENCE"])


async def invited(office: Office, *names: str) -> FollowUpId:
    return await office.create(*(getattr(office.ref, name) for name in names), email_invitations=True)


async def remove(office: Office, made: FollowUpId, name: str) -> None:
    one = (await office.participant(made, name)).id
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (one,)))


async def lose(server: SMTP, envelope: Envelope) -> str | None:
    """The line goes dead."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    return "421 gone"


async def test_what_was_taken_is_sent_and_the_invitee_holds_it(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")
    before = await office.follow_up(made)

    await post.send_later()

    assert [said(one) for one in sink.taken] == [(PER, "REQUEST", 0)]
    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.held_sequence, per.email_sent_at) == (EmailDelivery.SENT, 0, office.clock())
    after = await office.follow_up(made)
    assert (after.revision, after.version) == (before.revision + 1, before.version)


async def test_nothing_goes_out_before_its_time(office: Office, post: Post, sink: Sink) -> None:
    await invited(office, "per")

    office.clock.go_on(seconds=29)
    early = await post.send()
    office.clock.go_on(seconds=1)
    late = await post.send()

    assert (early, late) == (0, 1)


async def test_whoever_looks_is_poked_when_a_mail_was_sent(office: Office, post: Post) -> None:
    made = await invited(office, "per")

    async with office.house.changes.subscribe(follow_up_topic(made)) as pokes:
        await post.send_later()
        await asyncio.wait_for(anext(pokes), 2)


async def test_headers_and_object_name_one_organizer_and_the_envelope_names_the_invitee(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per", "ola")

    await post.send_later()

    (ours,) = {str(one.message["From"].addresses[0].addr_spec) for one in sink.taken}
    assert ours.startswith("invito+")
    assert ours.endswith("@nordlys.example")
    for one in sink.taken:
        assert one.message["Reply-To"].addresses == one.message["From"].addresses
        assert one.message["From"].addresses[0].display_name == "Kari Nordmann"
        assert str(calendar(one).walk("VEVENT")[0]["ORGANIZER"]) == f"mailto:{ours}"
    assert len({one.mail_from for one in sink.taken} | {ours}) == 3
    assert made


@pytest.mark.parametrize("answer", ["421 too busy", "451 greylisted", "452 full"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_puts_off_is_tried_again(
    office: Office, post: Post, sink: Sink, step: str, answer: str
) -> None:
    made = await invited(office, "per")
    sink.says(step, answer)

    await post.send_later()
    delayed = await office.participant(made, "Per")
    soon = await post.send()
    del sink.at[step]
    await post.send_later()

    assert (delayed.email_delivery, delayed.email_error) == (EmailDelivery.DELAYED, answer)
    assert soon == 0
    assert [said(one) for one in sink.taken] == [(PER, "REQUEST", 0)]
    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error) == (EmailDelivery.SENT, None)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_what_is_refused_is_never_tried_again_and_the_owner_is_told(
    office: Office, post: Post, sink: Sink, step: str
) -> None:
    made = await invited(office, "per")
    sink.says(step, "550 no such user")

    async with office.house.changes.subscribe(notification_topic(office.ref.kari)) as pokes:
        await post.send_later()
        await asyncio.wait_for(anext(pokes), 2)

    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error) == (EmailDelivery.FAILED, "550 no such user")
    assert per.held_sequence is None
    assert await office.told(office.kari) == [NotificationKind.EMAIL_FAILED]
    assert [(row.state, row.diagnosis) for row in await post.rows()] == [(MailState.FAILED, "550 no such user")]
    assert await post.send_later() == 0


async def test_half_of_the_recipients_refused_leaves_the_others_their_mails(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per", "ola", "eva", "admin")

    async def refuse_some(server: SMTP, envelope: Envelope) -> str | None:
        return "550 no" if envelope.rcpt_tos[-1].startswith(("per", "eva")) else None

    sink.at["RCPT"] = refuse_some

    await post.send_later()

    there = await office.participants(made)
    failed, sent = EmailDelivery.FAILED, EmailDelivery.SENT
    found = {name: one.email_delivery for name, one in there.items() if name != "Kari"}
    assert found == {"Per": failed, "Ola": sent, "Eva": failed, "Admin": sent}


async def test_one_of_several_that_is_put_off_goes_out_later_and_only_that_one(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per", "ola", "eva")

    async def put_one_off(server: SMTP, envelope: Envelope) -> str | None:
        return "451 later" if envelope.rcpt_tos[-1].startswith("ola") else None

    sink.at["RCPT"] = put_one_off
    await post.send_later()
    before = {taken.rcpt_to for taken in sink.taken}
    del sink.at["RCPT"]
    await post.send_later()

    assert before == {PER, "eva@nordlys.example"}
    assert Counter(taken.rcpt_to for taken in sink.taken) == Counter([*before, "ola@nordlys.example"])
    there = await office.participants(made)
    assert {there[name].email_delivery for name in ("Per", "Ola", "Eva")} == {EmailDelivery.SENT}


async def test_one_of_several_that_cannot_be_built_is_put_off_and_says_why(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per", "ola", "eva")
    async with office.house.database.write() as connection:
        # No header may hold it, whoever wrote it into the row.
        broken = {"message_id": "<1@nordlys.example>\nBcc: all@nordlys.example"}
        await connection.execute(update(OutboxRow).where(OutboxRow.to_name == "Ola Åsen").values(broken))

    await post.send_later()

    assert {taken.rcpt_to for taken in sink.taken} == {PER, "eva@nordlys.example"}
    ola = await office.participant(made, "Ola")
    assert (ola.email_delivery, ola.email_error) == (EmailDelivery.DELAYED, "the mail could not be built (ValueError)")


async def test_a_server_that_never_answers_is_given_up_for_now(office: Office, sink: Sink) -> None:
    made = await invited(office, "per")
    post = Post(office, routes_to(sink, taking_seconds=0.3))

    async def hang(server: SMTP, envelope: Envelope) -> str | None:
        await asyncio.Event().wait()
        return None

    sink.at["DATA"] = hang

    await post.send_later()

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.DELAYED


async def test_a_lost_connection_after_data_repeats_the_same_mail(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")

    async def take_and_lose(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        assert server.session is not None
        await sink.handle_DATA(server, server.session, envelope)
        return await lose(server, envelope)

    sink.at["DATA"] = take_and_lose

    await post.send_later()
    between = await office.participant(made, "Per")
    await post.send_later()

    assert between.email_delivery is EmailDelivery.DELAYED
    first, second = sink.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]
    one, other = (calendar(taken).walk("VEVENT")[0] for taken in (first, second))
    assert [one[name] for name in ("UID", "SEQUENCE")] == [other[name] for name in ("UID", "SEQUENCE")]
    assert one["DTSTAMP"].dt == other["DTSTAMP"].dt


async def test_what_may_be_out_is_cancelled_and_not_taken_back(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")
    sink.at["DATA"] = lose
    await post.send_later()
    del sink.at["DATA"]

    await remove(office, made, "Per")
    await post.send_later()

    assert [said(one) for one in sink.taken] == [(PER, "CANCEL", 1)]
    assert (await office.participant(made, "Per")).held_sequence is None


async def test_an_invitation_that_was_put_off_is_not_sent_once_it_is_cancelled(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per")

    async def cancel_meanwhile(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))
        return "451 later"

    sink.at["DATA"] = cancel_meanwhile
    await post.send_later()
    await post.send_later()

    assert sink.taken == []
    assert await post.rows() == []
    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.NOT_SENT


async def test_a_changed_time_is_sent_once_though_an_earlier_mail_was_put_off(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per")

    async def move_meanwhile(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await office.update(made, start="2026-12-02T09:00")
        return "451 later"

    sink.at["DATA"] = move_meanwhile
    await post.send_later()
    await post.send_later()

    assert [said(one) for one in sink.taken] == [(PER, "REQUEST", 1)]


async def test_an_invitation_that_waits_has_the_sequence_of_a_time_that_was_changed_quietly(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per")
    fields = FieldChanges(start="2026-12-02T09:00")
    await update_follow_up(office.house, office.kari, UpdateFollowUp(made, fields, notify=NotifyInvitees.NONE))

    await post.send_later()

    assert [said(one) for one in sink.taken] == [(PER, "REQUEST", 1)]
    assert (await office.participant(made, "Per")).held_sequence == 1


async def test_what_was_put_off_for_sure_is_taken_back_without_a_word(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")
    sink.says("RCPT", "451 later")
    await post.send_later()
    del sink.at["RCPT"]

    await remove(office, made, "Per")

    assert await post.send_later() == 0
    assert sink.taken == []


async def test_what_was_tried_too_long_fails(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")
    sink.says("RCPT", "451 greylisted")
    await post.send_later()

    office.clock.go_on(days=3)
    await post.send()

    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error) == (EmailDelivery.FAILED, "451 greylisted")
    assert await office.told(office.kari) == [NotificationKind.EMAIL_FAILED]


async def test_the_pauses_grow(office: Office, post: Post, sink: Sink) -> None:
    await invited(office, "per")
    sink.says("RCPT", "451 later")

    pauses = []
    office.clock.go_on(minutes=1)
    for _ in range(9):
        await post.send()
        (row,) = await post.rows()
        pauses.append(row.next_at - office.clock())
        office.clock.present = row.next_at

    assert all(earlier * 1.1 < later for earlier, later in pairwise(pauses[:6]))
    assert timedelta(minutes=45) <= min(pauses[6:]) <= max(pauses[6:]) <= timedelta(minutes=75)


async def test_a_cancel_never_overtakes_its_request(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")

    async def remove_meanwhile(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await remove(office, made, "Per")
        office.clock.go_on(hours=1)
        others.append(await post.send())
        return None

    others: list[int] = []
    sink.at["DATA"] = remove_meanwhile
    await post.send_later()
    await post.send_later()

    assert others == [0]
    assert [said(one) for one in sink.taken] == [(PER, "REQUEST", 0), (PER, "CANCEL", 1)]


async def test_a_cancel_is_dropped_where_its_request_failed(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")

    async def cancel_meanwhile(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))
        return "550 no"

    sink.at["DATA"] = cancel_meanwhile
    await post.send_later()
    await post.send_later()

    assert sink.taken == []
    assert [(row.method, row.state) for row in await post.rows()] == [(REQUEST, MailState.FAILED)]
    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error) == (EmailDelivery.FAILED, "550 no")


async def test_the_envelope_shows_the_last_of_several_mails(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per")

    async def change_meanwhile(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await office.update(made, start="2026-12-02T09:00")
        return None

    sink.at["DATA"] = change_meanwhile
    await post.send_later()
    between = await office.participant(made, "Per")
    await post.send_later()

    assert (between.email_delivery, between.held_sequence) == (EmailDelivery.QUEUED, 0)
    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.held_sequence) == (EmailDelivery.SENT, 1)


async def test_all_mails_to_an_invitee_are_one_thread(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per", "ola")
    await post.send_later()
    await office.update(made, start="2026-12-02T09:00")
    await post.send_later()
    await remove(office, made, "Per")
    await post.send_later()

    mails = [one.message for one in sink.taken if one.rcpt_to == PER]
    first = mails[0]["Message-ID"]
    assert [(mail["In-Reply-To"], mail["References"]) for mail in mails] == [
        (None, None),
        (first, first),
        (first, first),
    ]
    assert len({mail["Message-ID"] for mail in mails}) == 3


async def test_subjects_say_what_happened(office: Office, post: Post, sink: Sink) -> None:
    made = await invited(office, "per", "ola")
    await post.send_later()
    await office.update(made, start="2026-12-02T09:00")
    await post.send_later()
    await remove(office, made, "Per")
    await post.send_later()
    await invite_participants(
        office.house, office.kari, InviteParticipants(made, (InviteeWish(office.ref.per),), email_invitations=True)
    )
    await post.send_later()
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made, "snow"))
    await post.send_later()

    mails = [one for one in sink.taken if one.rcpt_to == PER]
    assert [one.message["Subject"] for one in mails] == [
        "Invitation: Budget", "Updated invitation: Budget", "Invitation withdrawn: Budget", "Invitation: Budget",
        "Cancelled: Budget",
    ]  # fmt: skip
    withdrawn, cancelled = (calendar(one).walk("VEVENT")[0] for one in (mails[2], mails[4]))
    assert "STATUS" not in withdrawn
    assert str(withdrawn["ATTENDEE"]) == f"mailto:{PER}"
    assert (cancelled["STATUS"], cancelled["COMMENT"]) == ("CANCELLED", "snow")
    assert len(cancelled["ATTENDEE"]) == 3


async def test_a_claim_that_ran_out_is_sent_by_another_with_the_same_message_id(
    office: Office, post: Post, sink: Sink
) -> None:
    made = await invited(office, "per")

    async def run_out(server: SMTP, envelope: Envelope) -> str | None:
        del sink.at["DATA"]
        await post.end_leases()
        await post.send()
        return None

    sink.at["DATA"] = run_out
    await post.send_later()

    assert len(sink.taken) == 2
    assert len({one.message["Message-ID"] for one in sink.taken}) == 1
    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.SENT
    assert [row.state for row in await post.rows()] == [MailState.SENT]


async def test_the_owners_own_mailbox_sends_in_its_own_name(
    office: Office, post: Post, sink: Sink, listening: Listening
) -> None:
    async with listening(type(sink)(), authenticator=lets_in, auth_require_tls=False) as own:
        await with_own_mailbox(office, own)
        await invited(office, "per")
        await post.send_later()

    (mail,) = own.taken
    assert sink.taken == []
    assert mail.mail_from == "kari@egen.example"
    assert [mail.message[name].addresses[0].addr_spec for name in ("From", "Reply-To")] == ["kari@egen.example"] * 2
    assert str(calendar(mail).walk("VEVENT")[0]["ORGANIZER"]) == "mailto:kari@egen.example"


async def test_whoever_has_a_mailbox_of_their_own_invites_though_the_service_has_none(
    office: Office, post: Post, sink: Sink, listening: Listening
) -> None:
    async with listening(type(sink)(), authenticator=lets_in, auth_require_tls=False) as own:
        await with_own_mailbox(office, own)
        office.house = replace(office.house, rules=replace(office.house.rules, mail_from=None))
        await invited(office, "per")
        await post.send_later()

    assert [mail.mail_from for mail in own.taken] == ["kari@egen.example"]


async def test_mails_of_an_own_mailbox_and_of_the_services_go_out_together_each_by_its_server(
    office: Office, post: Post, sink: Sink, listening: Listening
) -> None:
    async with listening(type(sink)(), authenticator=lets_in, auth_require_tls=False) as own:
        await with_own_mailbox(office, own)
        await invited(office, "per", "eva")
        await office.create(office.ref.per, office.ref.eva, by=office.ola, email_invitations=True)
        await post.send_later()

    assert {mail.message["From"].addresses[0].addr_spec for mail in own.taken} == {"kari@egen.example"}
    assert {mail.message["From"].addresses[0].display_name for mail in sink.taken} == {"Ola Åsen"}
    assert len(own.taken) == len(sink.taken) == 2


async def test_nobody_reaches_inside_by_the_server_of_a_mailbox(
    office: Office, post: Post, sink: Sink, listening: Listening
) -> None:
    post.routes = MailRoutes(None, reaching((), 5))
    async with listening(type(sink)(), authenticator=lets_in, auth_require_tls=False) as inside:
        await with_own_mailbox(office, inside)
        made = await invited(office, "per")
        await post.send_later()

    assert (inside.taken, inside.sessions) == ([], 0)
    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.DELAYED


async def test_whoever_lost_the_mail_to_another_writes_nothing(office: Office, post: Post) -> None:
    made = await invited(office, "per")
    office.clock.go_on(hours=1)
    (late,) = await claim_ready(office.house, LEASE, 2)
    await post.end_leases()
    (other,) = await claim_ready(office.house, LEASE, 2)
    before = (await office.state(), await office.follow_up(made))

    book = ResultBook(office.house)
    written = [
        await book.record(result)
        for result in (
            DeliveryResult.delayed(late, TemporaryFailure("451 later")),
            DeliveryResult.failed(late, "550 no"),
            DeliveryResult(late, Fate.SENT),
            DeliveryResult(late, Fate.DROPPED),
        )
    ]

    assert written == [False] * 4
    assert (await office.state(), await office.follow_up(made)) == before
    assert await book.record(DeliveryResult(other, Fate.SENT))


async def test_without_a_way_out_mails_wait_and_say_why(office: Office, post: Post) -> None:
    made = await invited(office, "per")
    post.routes._service = None

    await post.send_later()

    per = await office.participant(made, "Per")
    assert per.email_delivery is EmailDelivery.DELAYED
    assert "INVITO_SMTP_URL" in (per.email_error or "")
