"""Hostile mails on the whole way in: each ends at its bound, changes nothing, and holds up no other (TRUST.md)."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

from invito.services.follow_ups.commands import CancelFollowUp, TypedEmail
from invito.services.follow_ups.values import EmailDelivery, Participant, ParticipantStatus
from invito.services.ids import FollowUpId
from invito.services.inbox.receiving import Envelope
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.itip.verdicts import InboundOutcome
from invito.services.notifications.values import NotificationKind
from invito.services.signing import Purpose

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Intake, Post

ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE, ParticipantStatus.DECLINED
NOT_SEEN = ParticipantStatus.NOT_SEEN
APPLIED, UNVERIFIED, NOT_INVITED = InboundOutcome.APPLIED, InboundOutcome.UNVERIFIED, InboundOutcome.NOT_INVITED
NOT_OURS, NOT_UNDERSTOOD = InboundOutcome.NOT_OURS, InboundOutcome.NOT_UNDERSTOOD
QUARANTINED = InboundOutcome.QUARANTINED
MIB = 1024 * 1024


async def invited(office: Office, *people: str) -> FollowUpId:
    made = await office.create(*map(TypedEmail, people or ("per@kunde.example",)), email_invitations=True)
    await office.send_all(made)
    return made


async def whose(office: Office, made: FollowUpId, address: str) -> Participant:
    return next(one for one in await office.everyone(made) if one.email == address)


def nested(depth: int, subtype: str = "multipart/mixed") -> bytes:
    levels = [f"Content-Type: {subtype}; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)]
    return ("From: per@kunde.example\r\nMIME-Version: 1.0\r\n" + "".join(levels) + "\r\nx").encode()


def of_calendar(inner: bytes, content_type: str = "text/calendar; charset=utf-8; method=REPLY") -> bytes:
    return b"From: per@kunde.example\r\nContent-Type: " + content_type.encode() + b"\r\n\r\n" + inner


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invite.ics", b"BEGIN:VCALENDAR\r\n" + b"\0" * (50 * MIB))
    return packed.getvalue()


def encoded(octets: bytes, content_type: str) -> bytes:
    head = (
        f"From: per@kunde.example\r\nMessage-ID: <{len(content_type)}@x>\r\n"
        f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(octets)


BEGIN = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n"
HOSTILE: dict[str, tuple[bytes, InboundOutcome, str]] = {
    "10 MB": (of_calendar(BEGIN + b"x" * (10 * MIB)), QUARANTINED, "MAIL_TOO_LARGE"),
    "From of 1 MB": (b"From: " + b"a@b.example, " * 75_000 + b"\r\n\r\nHei", QUARANTINED, "HEADERS_TOO_LARGE"),
    "one From of 900 kB": (
        b'From: "' + b"(" * 900_000 + b'" <a@b.example>\r\n\r\nHei', QUARANTINED, "HEADERS_TOO_LARGE",
    ),
    "100,000 headers": (
        b"From: a@b.example\r\n" + b"X: y\r\n" * 100_000 + b"\r\nHei", QUARANTINED, "HEADERS_TOO_LARGE",
    ),
    "5,000 nested parts": (nested(5_000), QUARANTINED, "TOO_DEEP"),
    "5,000 nested mails": (
        b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"x", QUARANTINED, "TOO_DEEP",
    ),
    "5,000 parts side by side": (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5_000,
        QUARANTINED, "TOO_MANY_PARTS",
    ),
    "10,000 attendees": (
        of_calendar(
            BEGIN + b"BEGIN:VEVENT\r\nUID:x\r\n"
            + b"".join(b"ATTENDEE:mailto:a%d@b.example\r\n" % n for n in range(10_000)) + b"END:VEVENT\r\n"
        ),
        QUARANTINED, "CALENDAR_TOO_LARGE",
    ),
    "3,000 short attendees": (
        of_calendar(BEGIN + b"BEGIN:VEVENT\r\n" + b"ATTENDEE:a@b.example\r\n" * 3_000), QUARANTINED, "TOO_MANY_LINES",
    ),
    "50,000 events": (
        of_calendar(BEGIN + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 37_000), QUARANTINED, "CALENDAR_TOO_LARGE",
    ),
    "200 events": (of_calendar(BEGIN + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 200), QUARANTINED, "TOO_MANY_COMPONENTS"),
    "every second for ever": (
        of_calendar(
            BEGIN + b"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20160101T000000Z\r\nRRULE:FREQ=SECONDLY\r\n"
            b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:per@kunde.example\r\nEND:VEVENT\r\n"
        ),
        NOT_OURS, "UNKNOWN_FOLLOW_UP",
    ),
    "a zone that changes every second": (
        of_calendar(
            b"BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\n"
            b"DTSTART:00010101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n"
            b"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART;TZID=Mine:20261201T090000\r\nDTEND;TZID=Mine:20261201T100000\r\n"
            b"ATTENDEE:mailto:per@kunde.example\r\nEND:VEVENT\r\n"
        ),
        NOT_UNDERSTOOD, "UNKNOWN_ZONE",
    ),
    "a line break encoded in From": (
        b"From: =?utf-8?Q?Per=0D=0ABcc:_x=40y.example?= <per@kunde.example>\r\nSubject: =?utf-8?Q?a=0Ab?=\r\n\r\nHei",
        NOT_OURS, "NO_CALENDAR",
    ),
    "a zip that grows": (encoded(zipped(), 'application/zip; name="invite.ics.zip"'), NOT_OURS, "NO_CALENDAR"),
    "a zip called a calendar": (
        encoded(zipped(), 'text/calendar; name="invite.ics"'), NOT_UNDERSTOOD, "UNREADABLE_CALENDAR",
    ),
    "compressed by its charset": (
        encoded(gzip.compress(b"BEGIN:VCALENDAR" + b"\0" * (50 * MIB)), "text/calendar; charset=zlib"),
        NOT_UNDERSTOOD, "UNREADABLE_CALENDAR",
    ),
    "punycode": (
        of_calendar(BEGIN + b"a-" * 60_000, "text/calendar; charset=punycode"), NOT_UNDERSTOOD, "NO_COMPONENT",
    ),
    "a charset of 20,000 letters": (
        of_calendar(BEGIN, "text/calendar; charset=" + "x" * 20_000), NOT_UNDERSTOOD, "NO_COMPONENT",
    ),
    "200,000 begins": (of_calendar(BEGIN + b"BEGIN:A\r\n" * 28_000), NOT_UNDERSTOOD, "NO_COMPONENT"),
    "nothing at all": (b"", NOT_OURS, "NO_CALENDAR"),
    "zeros": (b"\0" * 100_000, QUARANTINED, "HEADERS_TOO_LARGE"),
}  # fmt: skip


async def test_hostile_mails_end_at_their_bounds_and_the_next_good_answer_is_applied(
    office: Office, post: Post, intake: Intake
) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
    wrong = {}
    for number, (name, (raw, outcome, reason)) in enumerate(HOSTILE.items()):
        before = await office.follow_up(made)
        became = await intake.brings(raw)
        if (became.outcome, became.reason) != (outcome, reason) or await office.follow_up(made) != before:
            wrong[name] = (became.outcome, became.reason, became.reason_values)

        office.clock.go_on(seconds=1)
        good = await intake.brings(post.reply(follow_up, per, ("ACCEPTED", "DECLINED")[number % 2]))
        if good.outcome is not APPLIED:
            wrong[f"after {name}"] = (good.outcome, good.reason, good.reason_values)

    assert wrong == {}


async def test_characters_that_deceive_are_taken_out_of_what_is_shown(
    office: Office, post: Post, intake: Intake
) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
    raw = post.reply(follow_up, per, "DECLINED", comment="Nei\u202e takk\u2066\x07\x1b[31m\u200b")

    became = await intake.brings(raw.replace(b"Subject: Accepted", "Subject: \u202eAc\x08cepted\u2028".encode()))

    assert (became.outcome, became.subject) == (APPLIED, "Ac cepted : Budget")
    assert (await whose(office, made, "per@kunde.example")).decline_reason == "Nei takk[31m"


async def test_answers_in_any_order_and_any_number_end_the_same(office: Office, post: Post, intake: Intake) -> None:
    ended = set()
    for order in itertools.permutations((("ACCEPTED", 1), ("DECLINED", 2), ("TENTATIVE", 3))):
        made = await invited(office)
        follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
        sent = office.clock.present
        office.clock.go_on(hours=1)
        for said, minute in (*order, *order):
            await intake.brings(post.reply(follow_up, per, said, at=sent + timedelta(minutes=minute)))
        ended.add((await whose(office, made, "per@kunde.example")).status)

    assert ended == {TENTATIVE}


async def test_the_same_answer_a_hundred_times_does_what_one_does(office: Office, post: Post, intake: Intake) -> None:
    made = await invited(office)
    raw = post.reply(await office.follow_up(made), await whose(office, made, "per@kunde.example"), "ACCEPTED")
    await intake.brings(raw)
    after_one = await office.follow_up(made)

    # Every second one with another footer of a server on the way, so that it is another mail with the same answer.
    became = [await intake.brings(raw if n % 2 else raw + b"-- %d" % n) for n in range(100)]

    assert await office.follow_up(made) == after_one
    assert {one.outcome for one in became} == {APPLIED, InboundOutcome.DUPLICATE}
    assert await office.told(office.kari) == [NotificationKind.ACCEPTED]


async def test_nobody_answers_for_somebody_else(office: Office, post: Post, intake: Intake) -> None:
    people = ("per@kunde.example", "pia@kunde.example", "per@gmail.com", "pia@gmail.com")
    made = await invited(office, *people)
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
    gmail = await whose(office, made, "per@gmail.com")
    names = "From: Somebody <per@kunde.example>"
    foreign = "Authentication-Results: mx.evil.example; dmarc=pass header.from=kunde.example\r\n"
    ours = post.reply(follow_up, per, "DECLINED", sender="mallory@evil.example").decode()

    forged = {
        "a stranger": post.reply(follow_up, per, "DECLINED", sender="mallory@evil.example"),
        "a fellow invitee of the same company": post.reply(follow_up, per, "DECLINED", sender="pia@kunde.example"),
        "a fellow invitee at a public provider": post.reply(follow_up, gmail, "DECLINED", sender="pia@gmail.com"),
        "somebody of the same public provider": post.reply(follow_up, gmail, "DECLINED", sender="mallory@gmail.com"),
        "an employee": post.reply(follow_up, per, "DECLINED", sender="ola@nordlys.example"),
        "the owner's address": post.reply(follow_up, per, "DECLINED", sender="kari@nordlys.example"),
        "the right address as a name": ours.replace("Somebody <mal", "per@kunde.example <mal").encode(),
        "the right address as a quoted name": ours.replace("Somebody <mal", '"per@kunde.example" <mal').encode(),
        "the right address in a comment": ours.replace(
            "mallory@evil.example>", "mallory@evil.example> (per@kunde.example)"
        ).encode(),
        "two From": f"{names}\r\n{ours}".encode(),
        "two in From": ours.replace("<mallory@evil.example>", "<mallory@evil.example>, per@kunde.example").encode(),
        "other headers": f"Sender: per@kunde.example\r\nReply-To: per@kunde.example\r\n{ours}".encode(),
        "what a foreign server found": (foreign + ours).encode(),
        "sent by": ours.replace(
            "ATTENDEE;", 'ATTENDEE;SENT-BY="mailto:mallory@evil.example";'
        ).encode(),
    }  # fmt: skip
    outcomes = {name: (await intake.brings(raw)).outcome for name, raw in forged.items()}

    assert outcomes == dict.fromkeys(forged, UNVERIFIED)
    assert {one.status for one in await office.everyone(made) if one.email in people} == {NOT_SEEN}
    assert set(await office.told(office.kari)) == {NotificationKind.UNVERIFIED_ANSWER}


async def test_the_right_tag_with_an_attendee_who_is_not_invited_invites_nobody(
    office: Office, post: Post, intake: Intake
) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")

    became = await intake.brings(
        post.reply(follow_up, per, "ACCEPTED", sender="mallory@evil.example", attendee="mallory@evil.example")
    )

    assert became.outcome is NOT_INVITED
    assert len(await office.everyone(made)) == 2


async def test_the_tag_of_another_follow_up_opens_nothing_of_this_one(
    office: Office, post: Post, intake: Intake
) -> None:
    made, other = await invited(office), await invited(office, "pia@kunde.example")
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
    tag = office.house.keys.tag(Purpose.FOLLOW_UP_TAG, other)
    raw = post.reply(follow_up, per, "DECLINED", sender="calendar@kunde.example", tagged=False)

    with_other = await intake.brings(raw, Envelope("x@kunde.example", (f"invito+{tag}@nordlys.example",)))
    forged = await intake.brings(
        raw.replace(b"DECLINED", b"TENTATIVE"), Envelope("x@kunde.example", (f"invito+{tag[:-2]}aa@nordlys.example",))
    )

    assert (with_other.outcome, forged.outcome) == (UNVERIFIED, UNVERIFIED)
    assert (await whose(office, made, "per@kunde.example")).status is NOT_SEEN


async def test_the_tag_of_an_invitation_that_was_cancelled_changes_nothing(
    office: Office, post: Post, intake: Intake
) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await whose(office, made, "per@kunde.example")
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))
    sequence = (await office.follow_up(made)).sequence

    before = await intake.brings(post.reply(follow_up, per, "ACCEPTED", sender="calendar@kunde.example"))
    after = await intake.brings(post.reply(follow_up, per, "ACCEPTED", sequence=sequence + 1))

    assert (before.outcome, after.outcome) == (InboundOutcome.OUTDATED, InboundOutcome.OUTDATED)
    assert (before.reason, after.reason) == ("FOLLOW_UP_CANCELLED", "FOLLOW_UP_CANCELLED")
    assert (await whose(office, made, "per@kunde.example")).status is NOT_SEEN


async def test_a_receipt_and_a_note_of_absence_to_the_tag_of_an_invitee_fail_no_delivery(
    office: Office, intake: Intake
) -> None:
    made = await invited(office)
    per = await whose(office, made, "per@kunde.example")
    tag = office.house.keys.tag(Purpose.INVITEE_TAG, per.id)
    envelope = Envelope("", (f"invito+{tag}@nordlys.example",))
    away = b"From: Per <per@kunde.example>\r\nSubject: Borte\r\n\r\nJeg er ikke her, mail is rejected"
    receipt = (
        b"From: per@kunde.example\r\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n"
        b"\r\n--x\r\n\r\nNot read\r\n--x\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: automatic-action; deleted\r\n--x--\r\n"
    )

    outcomes = [(await intake.brings(raw, envelope)).outcome for raw in (away, receipt)]

    assert outcomes == [NOT_OURS, NOT_OURS]
    assert (await whose(office, made, "per@kunde.example")).email_delivery is EmailDelivery.SENT
