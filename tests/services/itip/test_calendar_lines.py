"""Sloppy objects that real programs and gateways send (ITIP.md, In, the last words but one)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.itip.calendar_lines import read_calendar_lines
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

GOOD = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:8a3b\r\n"
    "ATTENDEE;PARTSTAT=DECLINED:mailto:ole@kunde.example\r\n"
)
SLOPPY = {
    "no END": GOOD,
    "no END of the event": GOOD + "END:VCALENDAR\r\n",
    "no END of an alarm": GOOD + "BEGIN:VALARM\r\nATTENDEE:mailto:x@y.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "an END too many": GOOD.replace("UID", "END:VALARM\r\nUID") + "END:VEVENT\r\n",
    "bare LF": GOOD.replace("\r\n", "\n"),
    "bare CR": GOOD.replace("\r\n", "\r"),
    "CR CR LF": GOOD.replace("\r\n", "\r\r\n"),
    "BOM": "\ufeff" + GOOD,
    "empty lines": GOOD.replace("\r\n", "\r\n\r\n"),
    "small letters": GOOD.lower().replace("8A3B", "8a3b"),
    "METHOD twice": GOOD.replace("METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:REPLY"),
    "STATUS and UID twice": GOOD + "STATUS:CONFIRMED\r\nSTATUS:CONFIRMED\r\nUID:other\r\n",
    "unknown properties": GOOD + "X-LIC-ERROR;X-LIC-ERRORTYPE=VALUE-PARSE-ERROR:No value\r\nNONSENSE\r\nX:\r\n;:;:\r\n",
    "text outside": "Hello\r\n" + GOOD.replace("METHOD", "garbage\r\nMETHOD"),
    "folded with a tab": GOOD.replace("mailto:ole", "mai\r\n\tlto:ole"),
    "folded over an empty line": GOOD.replace("mailto:ole", "mailto:\r\n\r\n ole"),
    "fold lost before mailto": GOOD.replace("mailto:ole", "\r\nmailto:ole"),
    "fold lost in the address": GOOD.replace("@kunde", "@ku\r\nnde"),
    "blanks around": GOOD.replace(";PARTSTAT=DECLINED:", " ; PARTSTAT = DECLINED :  "),
    "an open quotation mark": GOOD.replace(";PARTSTAT", ';CN="Ole;PARTSTAT'),
    "a quotation mark in a name": GOOD.replace(";PARTSTAT", ';CN=Ole "O" Olsen;PARTSTAT'),
    "a colon in a name": GOOD.replace(";PARTSTAT", ";CN=Ole: sales;PARTSTAT"),
    "SENT-BY without quotation marks": GOOD.replace(";PARTSTAT", ";SENT-BY=mailto:eva@kunde.example;PARTSTAT"),
    "a VTIMEZONE that is cut": GOOD.replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nBEGIN:VEVENT"),
}


@pytest.mark.parametrize("text", SLOPPY.values(), ids=SLOPPY)
def test_sloppy_objects_are_understood(letters: Letters, text: str) -> None:
    mail = understand(letters.mail(text))

    assert (mail.kind, mail.uids) == (MailKind.REPLY, ("8a3b",))
    assert [(one.address, one.partstat) for one in mail.components[0].attendees] == [("ole@kunde.example", "DECLINED")]


def test_a_line_folded_inside_of_a_character_is_read(letters: Letters) -> None:
    folded = letters.object("COMMENT:Kj*re").encode().replace(b"*", b"\xc3\r\n \xa6")

    assert letters.component(letters.mail(folded)).comments == ("Kjære",)


def test_a_line_break_that_was_not_escaped_stays_in_the_comment(letters: Letters) -> None:
    assert letters.component(letters.mail(letters.object("COMMENT:One\r\ntwo"))).comments == ("One\ntwo",)


def test_escaped_characters_are_what_they_mean(letters: Letters) -> None:
    raw = letters.mail(letters.object("COMMENT:One\\, two\\; three\\nfour \\\\ five"))

    assert letters.component(raw).comments == ("One, two; three\nfour \\ five",)


def test_carets_in_a_parameter_are_what_they_mean(letters: Letters) -> None:
    attendee = "ATTENDEE;PARTSTAT=DECLINED;X-RESPONSE-COMMENT=\"No^nnot ^'now^'\":mailto:ole@kunde.example"

    component = letters.component(letters.mail(letters.object(attendees=[attendee])))

    assert component.attendees[0].comment == 'No\nnot "now"'


def test_an_object_without_a_calendar_around_it_has_its_lines_read() -> None:
    calendar = read_calendar_lines(b"BEGIN:VEVENT\nUID:1\nEND:VEVENT\n", None)

    assert [(block.name, block.text("UID")) for block in calendar.blocks] == [("VEVENT", "1")]


def test_a_strange_uid_is_kept_as_it_is(letters: Letters) -> None:
    for uid in (
        "234252$cccc@nylas.example",
        "Doppelgänger TechTalk",
        "{0A-1}/x?=&%20",
        "040000008200E00074C5B7101A82E008",
    ):
        assert letters.component(letters.mail(letters.object(uid=uid))).uid == uid


def test_control_and_bidirectional_characters_are_taken_out(letters: Letters) -> None:
    raw = letters.mail(letters.object("COMMENT:a\u202eb\x07c\u2066d"), "Subject: x\u202ey\x1bz")

    mail = understand(raw)

    assert mail.components[0].comments == ("abcd",)
    assert mail.subject == "x y z"
