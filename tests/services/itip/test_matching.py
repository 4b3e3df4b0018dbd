"""Whom an answer speaks for (ITIP.md, In, 3 and 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import ParticipantId
from invito.services.itip.deciding import decide
from invito.services.itip.known import Arrival, Trust
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.verdicts import InboundOutcome as Outcome

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters


@pytest.mark.parametrize(
    "written",
    [
        "mailto:ole@kunde.example",
        "MAILTO:OLE@Kunde.Example",
        "Mailto: ole@kunde.example ",
        "ole@kunde.example",
        "mailto:ole%40kunde.example",
        "mailto:%6Fle@kunde.example",
        "mailto:mailto:ole@kunde.example",
        "mailto:<ole@kunde.example>",
        "mailto:ole@kunde.example?subject=x",
    ],
)
def test_an_attendee_is_known_however_the_address_is_written(letters: Letters, written: str) -> None:
    raw = letters.mail(letters.object(attendees=[f"ATTENDEE;PARTSTAT=ACCEPTED:{written}"]))

    verdict = letters.verdict(raw)

    assert (verdict.outcome, verdict.participant, verdict.status) == (
        Outcome.APPLIED,
        2,
        ParticipantStatus.ACCEPTED,
    )


@pytest.mark.parametrize("parameter", ["EMAIL=ole@kunde.example", 'SENT-BY="mailto:ole@kunde.example"'])
@pytest.mark.parametrize("address", ["urn:uuid:7d1d-4a5c", "invalid:nomail", "mailto:olsen@privat.example", "/a/b"])
def test_an_attendee_is_known_by_other_addresses_in_its_parameters(
    letters: Letters, parameter: str, address: str
) -> None:
    attendees = [f"ATTENDEE;PARTSTAT=DECLINED;{parameter}:{address}"]

    verdict = letters.verdict(letters.mail(letters.object(attendees=attendees), sender="svar@kunde.example"))

    assert (verdict.participant, verdict.status) == (2, ParticipantStatus.DECLINED)


def test_an_attendee_that_nobody_knows_is_the_one_that_from_names(letters: Letters) -> None:
    attendees = ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:alias@privat.example"]

    verdict = letters.verdict(letters.mail(letters.object(attendees=attendees)))

    assert (verdict.outcome, verdict.participant) == (Outcome.APPLIED, 2)


def test_other_known_addresses_of_a_person_count(letters: Letters) -> None:
    follow_up = letters.with_addresses(2, "ole@kunde.example", "ole@privat.example")

    verdict = letters.verdict(letters.answer("ACCEPTED", address="OLE@privat.example"), follow_up)

    assert (verdict.outcome, verdict.participant) == (Outcome.APPLIED, 2)


def test_a_plus_address_is_an_address_of_its_own(letters: Letters) -> None:
    follow_up = letters.with_addresses(2, "ole+work@kunde.example")

    assert letters.verdict(letters.answer("ACCEPTED", address="ole+work@kunde.example"), follow_up).participant == 2
    assert letters.verdict(letters.answer("ACCEPTED", address="ole%2Bwork@kunde.example"), follow_up).participant == 2
    stranger = letters.verdict(letters.answer("ACCEPTED", address="ole@kunde.example"), follow_up)
    assert stranger.outcome is Outcome.NOT_INVITED


def test_the_organizers_plus_address_is_kept_for_its_tag(letters: Letters) -> None:
    raw = letters.answer("ACCEPTED", "ORGANIZER;CN=Kari:mailto:invito+TaG@nordlys.example")

    assert understand(raw).organizers == ("invito+TaG@nordlys.example",)


def test_an_answer_without_an_organizer_is_an_answer(letters: Letters) -> None:
    raw = letters.answer("ACCEPTED")

    assert b"ORGANIZER" not in raw
    assert letters.verdict(raw).outcome is Outcome.APPLIED


def test_only_the_events_own_attendees_count(letters: Letters) -> None:
    alarm = ("BEGIN:VALARM", "ACTION:EMAIL", "ATTENDEE;PARTSTAT=DECLINED:mailto:eva@kunde.example", "END:VALARM")

    assert letters.verdict(letters.answer("ACCEPTED", *alarm)).participant == 2


def test_of_several_attendees_it_is_the_one_whose_address_is_froms(letters: Letters) -> None:
    attendees = [f"ATTENDEE;PARTSTAT=DECLINED:mailto:{one}@kunde.example" for one in ("eva", "ole", "gro")]

    verdict = letters.verdict(letters.mail(letters.object(attendees=attendees)))

    assert (verdict.outcome, verdict.participant) == (Outcome.APPLIED, 2)


def test_of_several_attendees_each_that_answered_is_believed_on_its_own(letters: Letters) -> None:
    attendees = [
        "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:kari@nordlys.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ole@kunde.example",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:eva@kunde.example",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:per@gmail.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@kunde.example",
    ]

    verdicts = letters.verdicts(letters.mail(letters.object(attendees=attendees), sender="svar@kunde.example"))

    assert [(one.participant, one.outcome) for one in verdicts] == [
        (2, Outcome.APPLIED),
        (4, Outcome.UNVERIFIED),
    ]


def test_several_attendees_of_whom_none_answered_are_not_understood(letters: Letters) -> None:
    attendees = [f"ATTENDEE:mailto:{one}@kunde.example" for one in ("ole", "eva")]

    verdict = letters.verdict(letters.mail(letters.object(attendees=attendees), sender="svar@kunde.example"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_UNDERSTOOD, Reason.SEVERAL_ATTENDEES)


def test_a_reply_without_an_attendee_says_nothing(letters: Letters) -> None:
    verdict = letters.verdict(letters.mail(letters.object(attendees=[])))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_UNDERSTOOD, Reason.NO_ATTENDEE)


@pytest.mark.parametrize(("method", "reason"), [("COUNTER", Reason.PROPOSED_TIME), ("REFRESH", Reason.ASKED_FOR_STATE)])
def test_from_says_who_speaks_where_there_is_no_attendee(letters: Letters, method: str, reason: Reason) -> None:
    text = letters.object("DTSTART:20261201T090000Z", method=method, attendees=[])

    verdict = letters.verdict(letters.mail(text))

    assert (verdict.outcome, verdict.why.reason, verdict.participant) == (Outcome.APPLIED, reason, 2)


def test_a_time_is_proposed_by_one_of_several_attendees_or_by_nobody(letters: Letters) -> None:
    attendees = [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{one}@kunde.example" for one in ("ole", "eva")]
    text = letters.object("DTSTART:20261201T090000Z", method="COUNTER", attendees=attendees)

    assert letters.verdict(letters.mail(text)).participant == 2
    assert letters.verdict(letters.mail(text, sender="svar@kunde.example")).outcome is Outcome.NOT_UNDERSTOOD


def test_who_crashes_the_party_is_not_added(letters: Letters) -> None:
    verdict = letters.verdict(letters.answer("ACCEPTED", address="guest@kunde.example"))

    assert (verdict.outcome, verdict.participant) == (Outcome.NOT_INVITED, None)
    assert verdict.why.places == (("address", "guest@kunde.example"),)


def test_who_was_removed_is_no_longer_asked(letters: Letters) -> None:
    there = letters.follow_up()
    people = tuple(replace(one, takes_part=one.id != 2) for one in there.participants)

    verdict = letters.verdict(letters.answer("ACCEPTED"), replace(there, participants=people))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_INVITED, Reason.NO_LONGER_INVITED)


def test_who_was_removed_and_invited_again_is_asked(letters: Letters) -> None:
    there = letters.follow_up()
    again = replace(there.participants[1], id=ParticipantId(7))
    people = (*(replace(one, takes_part=one.id != 2) for one in there.participants), again)

    assert letters.verdict(letters.answer("ACCEPTED"), replace(there, participants=people)).participant == 7


def test_the_owner_has_nothing_to_answer(letters: Letters) -> None:
    verdict = letters.verdict(letters.answer("DECLINED", address="kari@nordlys.example"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_INVITED, Reason.OWNER_IS_NOT_ASKED)


def test_an_answer_to_a_follow_up_that_is_not_here_is_not_ours(letters: Letters) -> None:
    (verdict,) = decide(understand(letters.answer("ACCEPTED")), None, Arrival(), Trust())

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_OURS, Reason.UNKNOWN_FOLLOW_UP)


def test_an_answer_without_a_uid_is_found_by_tag_or_not_understood(letters: Letters) -> None:
    raw = letters.mail(letters.object().replace("UID:8a3b\r\n", ""))

    (unknown,) = decide(understand(raw), None, Arrival(), Trust())

    assert (unknown.outcome, unknown.why.reason) == (Outcome.NOT_UNDERSTOOD, Reason.NO_UID)
    assert letters.verdict(raw).outcome is Outcome.APPLIED


def test_of_several_uids_only_what_answers_this_follow_up_is_decided(letters: Letters) -> None:
    declined = letters.object(uid="other", attendees=["ATTENDEE;PARTSTAT=DECLINED:mailto:ole@kunde.example"])
    part = "Content-Type: text/calendar"
    raw = letters.multipart((part, declined), (part, letters.object()))

    assert letters.verdict(raw).status is ParticipantStatus.ACCEPTED
    assert letters.verdict(raw, letters.follow_up(uid="other")).status is ParticipantStatus.DECLINED
