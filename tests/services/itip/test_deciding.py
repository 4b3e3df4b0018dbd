"""What an answer does once it is matched and believed (ITIP.md, In, 6 to 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.reasons import Reason
from invito.services.itip.stored_form import mail_as_json, mail_from_json
from invito.services.itip.understanding import understand
from invito.services.itip.understood import Instant, MailKind, Moment, UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome as Outcome
from invito.services.itip.verdicts import Proposal

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
WITHOUT_EFFECT = {Outcome.NOT_OURS, Outcome.NOT_UNDERSTOOD, Outcome.QUARANTINED}


@dataclass(frozen=True)
class Daily:
    """A series that begins with the follow-up and has no end."""

    start: datetime = START

    def occurrence(self, named: Moment) -> datetime | None:
        at = named.at if isinstance(named, Instant) else datetime.combine(named.day, self.start.timetz())
        return at if at >= self.start and (at - self.start) % timedelta(days=1) == timedelta() else None


@pytest.mark.parametrize(
    ("partstat", "status"),
    [
        ("ACCEPTED", ParticipantStatus.ACCEPTED),
        ("accepted", ParticipantStatus.ACCEPTED),
        ("TENTATIVE", ParticipantStatus.TENTATIVE),
        ("DECLINED", ParticipantStatus.DECLINED),
        ("COMPLETED", ParticipantStatus.ACCEPTED),
        ("IN-PROCESS", ParticipantStatus.ACCEPTED),
        ("DELEGATED", ParticipantStatus.DECLINED),
    ],
)
def test_an_answer_sets_the_status_that_it_says(letters: Letters, partstat: str, status: ParticipantStatus) -> None:
    verdict = letters.verdict(letters.answer(partstat))

    assert (verdict.outcome, verdict.why.reason, verdict.status) == (Outcome.APPLIED, Reason.ANSWERED, status)


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "X-PERHAPS", ""])
def test_no_answer_and_an_unknown_one_change_nothing(letters: Letters, partstat: str) -> None:
    verdict = letters.verdict(letters.answer(partstat))

    assert (verdict.outcome, verdict.why.reason, verdict.status) == (Outcome.NOT_OURS, Reason.SAYS_NOTHING, None)


def test_who_delegates_declines_and_names_whom_the_owner_may_invite(letters: Letters) -> None:
    attendees = [
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:gro@kunde.example":mailto:ole@kunde.example',
        'ATTENDEE;PARTSTAT=NEEDS-ACTION;DELEGATED-FROM="mailto:ole@kunde.example":mailto:gro@kunde.example',
    ]

    verdict = letters.verdict(letters.mail(letters.object(attendees=attendees)))

    assert (verdict.status, verdict.delegated_to) == (ParticipantStatus.DECLINED, ("gro@kunde.example",))


def test_a_todo_is_answered_like_an_event(letters: Letters) -> None:
    raw = letters.answer("COMPLETED", "PERCENT-COMPLETE:40").replace(b"VEVENT", b"VTODO")

    assert letters.verdict(raw).status is ParticipantStatus.ACCEPTED


@pytest.mark.parametrize(
    ("sequence", "moved", "outcome"),
    [
        (2, 3, Outcome.OUTDATED),
        (0, 1, Outcome.OUTDATED),
        # After a change of text alone.
        (3, 3, Outcome.APPLIED),
        (4, 3, Outcome.APPLIED),
        # Higher than ours.
        (9, 3, Outcome.APPLIED),
    ],
)
def test_an_answer_to_an_earlier_time_is_outdated(
    letters: Letters, sequence: int, moved: int, outcome: Outcome
) -> None:
    follow_up = letters.follow_up(sequence=5, moved_sequence=moved)

    verdict = letters.verdict(letters.answer("ACCEPTED", f"SEQUENCE:{sequence}"), follow_up)

    assert verdict.outcome is outcome
    assert (verdict.sequence, verdict.status) == (sequence, ParticipantStatus.ACCEPTED)
    if outcome is Outcome.OUTDATED:
        assert verdict.why.places == (("answered", str(sequence)), ("moved", str(moved)))


@pytest.mark.parametrize(
    ("line", "sequence"),
    [
        ("X-NONE:1", 0),
        ("SEQUENCE:nonsense", 0),
        ("SEQUENCE:-1", 0),
        ("SEQUENCE: 7 ", 7),
        ("SEQUENCE:99999999999999999999", 2**31 - 1),
        ("X-MICROSOFT-CDO-APPT-SEQUENCE:4", 4),
    ],
)
def test_a_missing_sequence_is_zero_unless_outlook_kept_it(letters: Letters, line: str, sequence: int) -> None:
    assert letters.component(letters.answer("ACCEPTED", line)).sequence == sequence


@pytest.mark.parametrize("line", ["20261201T080000Z", "20261201"])
def test_the_only_occurrence_may_be_named(letters: Letters, line: str) -> None:
    verdict = letters.verdict(letters.answer("ACCEPTED", f"RECURRENCE-ID:{line}"))

    assert (verdict.outcome, verdict.recurrence_id) == (Outcome.APPLIED, None)


def test_the_day_of_an_all_day_follow_up_is_named_in_its_zone(letters: Letters) -> None:
    midnight = datetime(2026, 11, 30, 23, tzinfo=UTC)
    follow_up = letters.follow_up(start=midnight, is_all_day=True)

    for line in ("VALUE=DATE:20261201", "TZID=Europe/Oslo:20261201T000000"):
        assert (
            letters.verdict(letters.answer("ACCEPTED", f"RECURRENCE-ID;{line}"), follow_up).outcome is Outcome.APPLIED
        )
    other = letters.verdict(letters.answer("ACCEPTED", "RECURRENCE-ID;VALUE=DATE:20261130"), follow_up)
    assert other.outcome is Outcome.OUTDATED


@pytest.mark.parametrize("line", ["20261202T080000Z", "20261202"])
def test_an_occurrence_that_is_not_there_is_outdated(letters: Letters, line: str) -> None:
    verdict = letters.verdict(letters.answer("ACCEPTED", f"RECURRENCE-ID:{line}"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.OUTDATED, Reason.NO_SUCH_OCCURRENCE)


def test_a_series_and_single_occurrences_are_answered_each_on_its_own(letters: Letters) -> None:
    occurrence = letters.object(
        "RECURRENCE-ID;TZID=Europe/Oslo:20261204T090000",
        attendees=["ATTENDEE;PARTSTAT=DECLINED:mailto:ole@kunde.example"],
    )
    event = occurrence[occurrence.index("BEGIN:VEVENT") : occurrence.index("END:VCALENDAR")]
    missing = event.replace("20261204T090000", "20261204T100000")
    raw = letters.mail(letters.object().replace("END:VCALENDAR", f"{event}{missing}END:VCALENDAR"))

    whole, one, none = letters.verdicts(raw, letters.follow_up(series=Daily()))

    assert (whole.outcome, whole.recurrence_id, whole.status) == (
        Outcome.APPLIED,
        None,
        ParticipantStatus.ACCEPTED,
    )
    friday = datetime(2026, 12, 4, 8, tzinfo=UTC)
    assert (one.outcome, one.recurrence_id, one.status) == (Outcome.APPLIED, friday, ParticipantStatus.DECLINED)
    assert (none.outcome, none.why.reason) == (Outcome.OUTDATED, Reason.NO_SUCH_OCCURRENCE)


def test_a_problem_with_one_occurrence_leaves_the_others(letters: Letters) -> None:
    bad = letters.object("RECURRENCE-ID;TZID=Mars/Olympus:20261204T090000")
    event = bad[bad.index("BEGIN:VEVENT") : bad.index("END:VCALENDAR")]

    verdicts = letters.verdicts(letters.mail(letters.object().replace("END:VCALENDAR", f"{event}END:VCALENDAR")))

    assert [one.outcome for one in verdicts] == [Outcome.APPLIED, Outcome.NOT_UNDERSTOOD]


@pytest.mark.parametrize("method", ["COUNTER", "REPLY"])
def test_a_proposed_time_is_offered_to_the_owner(letters: Letters, method: str) -> None:
    proposed = ";X-PROPOSED-NEW-TIME=20261202T090000Z/20261202T100000Z" if method == "REPLY" else ""
    attendee = f"ATTENDEE;PARTSTAT=TENTATIVE{proposed}:mailto:ole@kunde.example"
    times = ("DTSTART:20261202T090000Z", "DTEND:20261202T100000Z") if method == "COUNTER" else ()
    text = letters.object("COMMENT:Better", *times, method=method, attendees=[attendee])

    verdict = letters.verdict(letters.mail(text))

    wednesday = datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert (verdict.outcome, verdict.why.reason) == (Outcome.APPLIED, Reason.PROPOSED_TIME)
    assert verdict.proposal == Proposal(wednesday, wednesday + timedelta(hours=1), False, "Better")
    assert verdict.status is ParticipantStatus.TENTATIVE


def test_a_whole_day_is_proposed_in_the_follow_ups_zone(letters: Letters) -> None:
    raw = letters.answer("NEEDS-ACTION", "DTSTART;VALUE=DATE:20261202", method="COUNTER")

    verdict = letters.verdict(raw)

    assert verdict.proposal == Proposal(datetime(2026, 12, 1, 23, tzinfo=UTC), None, True, None)
    assert verdict.status is None


def test_a_proposal_for_an_earlier_time_is_outdated(letters: Letters) -> None:
    raw = letters.answer("TENTATIVE", "DTSTART:20261202T090000Z", method="COUNTER")

    assert letters.verdict(raw, letters.follow_up(moved_sequence=1)).outcome is Outcome.OUTDATED


def test_a_counter_without_a_time_is_not_understood(letters: Letters) -> None:
    verdict = letters.verdict(letters.answer("TENTATIVE", method="COUNTER"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.NOT_UNDERSTOOD, Reason.NO_PROPOSED_TIME)


@pytest.mark.parametrize("start", ["DTSTART:20261202T090000Z", "DTSTART;VALUE=DATE:20261202"])
@pytest.mark.parametrize(("days", "outcome"), [(1_830, Outcome.APPLIED), (1_831, Outcome.NOT_UNDERSTOOD)])
def test_a_proposal_longer_than_a_follow_up_may_last_is_not_understood(
    letters: Letters, start: str, days: int, outcome: Outcome
) -> None:
    verdict = letters.verdict(letters.answer("TENTATIVE", start, f"DURATION:P{days}D", method="COUNTER"))

    assert verdict.outcome is outcome
    assert (verdict.why.reason is Reason.TIME_TOO_LONG) == (outcome is Outcome.NOT_UNDERSTOOD)


def test_a_refresh_asks_for_the_present_state_and_changes_none(letters: Letters) -> None:
    verdict = letters.verdict(letters.answer("DECLINED", method="REFRESH"))

    assert (verdict.outcome, verdict.why.reason) == (Outcome.APPLIED, Reason.ASKED_FOR_STATE)
    assert (verdict.participant, verdict.status) == (2, None)


def test_a_stranger_gets_no_state(letters: Letters) -> None:
    text = letters.object(method="REFRESH", attendees=["ATTENDEE:mailto:ole@kunde.example"])

    assert letters.verdict(letters.mail(text, sender="x@evil.example")).outcome is Outcome.UNVERIFIED


@pytest.mark.parametrize(
    ("properties", "comment"),
    [
        (["COMMENT:First", "X-COMMENT:Third"], "First"),
        (["X-COMMENT:Third", "X-CALENDARSERVER-PRIVATE-COMMENT:Second"], "Second"),
        (["X-COMMENT:Third", "DESCRIPTION:Fourth"], "Third"),
        (["DESCRIPTION:When: Friday\\n*~*~*~*~*~*~*~*~*~*\\n\\nFourth"], "Fourth"),
        (["COMMENT:", "DESCRIPTION:Fourth"], "Fourth"),
        (["DESCRIPTION: bring  the numbers\\n"], None),
        (["DESCRIPTION:Join here\\n\\nBring the\\nnumbers"], None),
    ],
)
def test_what_is_said_beside_an_answer_becomes_the_reason(
    letters: Letters, properties: list[str], comment: str | None
) -> None:
    follow_up = letters.follow_up(description="Bring the numbers")

    assert letters.verdict(letters.answer("ACCEPTED", *properties), follow_up).comment == comment


def test_googles_comment_stands_beside_the_attendee(letters: Letters) -> None:
    attendee = 'ATTENDEE;PARTSTAT=DECLINED;X-RESPONSE-COMMENT="Ill, sorry":mailto:ole@kunde.example'
    text = letters.object("X-COMMENT:Later", attendees=[attendee])

    assert letters.verdict(letters.mail(text)).comment == "Ill, sorry"


@pytest.mark.parametrize(
    ("partstat", "head", "comment"),
    [
        ("DECLINED", "", "I am ill."),
        ("ACCEPTED", "", None),
        ("DECLINED", "Auto-Submitted: auto-generated\r\n", None),
    ],
)
def test_the_text_of_the_mail_is_the_reason_for_a_decline(
    letters: Letters, partstat: str, head: str, comment: str | None
) -> None:
    text = letters.object(attendees=[f"ATTENDEE;PARTSTAT={partstat}:mailto:ole@kunde.example"])
    written = "I am ill.\r\n\r\n-----Original Appointment-----\r\nFrom: Kari"

    raw = letters.multipart(("Content-Type: text/plain", written), ("Content-Type: text/calendar", text), head=head)

    assert letters.verdict(raw).comment == comment


def test_the_text_is_read_from_html_where_there_is_no_other(letters: Letters) -> None:
    html = "<html><head><style>p { color: red }</style></head><body><p>I am&nbsp;ill.</p>Sorry<br>Ole</body></html>"

    mail = understand(letters.mail(html, content_type="text/html"))

    assert mail.text == "I am ill.\nSorry\nOle"


@pytest.mark.parametrize(
    "kind", [kind for kind in MailKind if kind.value not in {"REPLY", "COUNTER", "REFRESH", "BOUNCE"}]
)
def test_every_other_kind_of_mail_is_without_effect(letters: Letters, kind: MailKind) -> None:
    verdict = letters.verdict(UnderstoodMail(kind))

    assert verdict.outcome in WITHOUT_EFFECT
    assert (verdict.participant, verdict.status, verdict.proposal) == (None, None, None)


def test_the_same_mail_twice_is_the_same_verdict_from_storage_too(letters: Letters) -> None:
    mail = understand(letters.answer("DECLINED", "RECURRENCE-ID:20261201T080000Z", "COMMENT:No"))

    stored = mail_from_json(mail_as_json(mail))

    assert letters.verdict(mail) == letters.verdict(stored)
    assert len(letters.verdict(mail).digest) == 64


def test_the_digest_is_of_what_was_said_alone(letters: Letters) -> None:
    raw = letters.answer("DECLINED", "DESCRIPTION:Bring the numbers")
    follow_up = letters.follow_up()
    later = replace(follow_up, description="Bring the numbers", sequence=3)

    assert letters.verdict(raw, follow_up).digest == letters.verdict(raw, later).digest
    assert letters.verdict(letters.answer("ACCEPTED")).digest != letters.verdict(letters.answer("TENTATIVE")).digest


@given(st.text(max_size=40), st.text(max_size=40), st.integers(-5, 5))
def test_what_is_decided_never_names_who_is_not_invited(
    letters: Letters, address: str, partstat: str, sequence: int
) -> None:
    text = letters.object(f"SEQUENCE:{sequence}", attendees=[f"ATTENDEE;PARTSTAT={partstat}:mailto:{address}"])

    for verdict in letters.verdicts(letters.mail(text.encode("utf-8", "replace"))):
        assert verdict.participant in (None, 1, 2, 3, 4, 5)
        assert verdict.outcome is not Outcome.APPLIED or verdict.participant == 2
