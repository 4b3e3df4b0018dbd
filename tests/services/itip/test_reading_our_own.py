"""What we write can be read: a program sends our invitation back with its user's answer in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invito.services.itip.invitation import invitation_object
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import Instant, MailKind, TimeSpan

if TYPE_CHECKING:
    from tests.services.conftest import Make
    from tests.services.itip.conftest import Letters

SERVICE = "invito+tag@nordlys.example"
typed = st.text(
    st.sampled_from('\\;:,"\n=^ ATENDMIL:æøå😀éİ') | st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]),
    max_size=120,
)


def test_our_request_is_not_ours_to_obey(make: Make, letters: Letters) -> None:
    mail = understand(letters.mail(invitation_object(make.follow_up(), [make.owner()], SERVICE)))

    assert mail.why is not None
    assert (mail.kind, mail.why.reason) == (MailKind.NOT_OURS, Reason.METHOD_IS_NOT_OURS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed.filter(str.strip), typed, typed, st.integers(0, 99),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "UTC"]),
)  # fmt: skip
def test_all_that_an_answer_is_matched_by_comes_back(
    make: Make, letters: Letters, title: str, description: str, name: str, sequence: int, start: datetime, zone: str
) -> None:
    end = start + timedelta(hours=30)
    follow_up = make.follow_up(
        title=title, description=description, sequence=sequence, start=start, end=end, time_zone=zone
    )
    participants = [make.owner(name=name), make.participant(2, name=name), make.participant(3, name=name)]
    text = invitation_object(follow_up, participants, SERVICE).replace("METHOD:REQUEST", "METHOD:COUNTER")

    component = letters.component(letters.mail(text))

    assert (component.uid, component.sequence, component.organizer) == (follow_up.uid, sequence, SERVICE)
    assert component.dtstamp == follow_up.stamped_at
    assert [one.address for one in component.attendees] == [one.email for one in participants]
    assert [one.partstat for one in component.attendees] == ["ACCEPTED", "NEEDS-ACTION", "NEEDS-ACTION"]
    assert component.time is not None
    assert isinstance(component.time.start, Instant)
    # Of an hour that comes twice, a local time alone does not tell which.
    assert abs(component.time.start.at - start.replace(microsecond=0)) <= timedelta(hours=1)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "UTC"])
def test_our_time_comes_back_as_it_was(make: Make, letters: Letters, zone: str) -> None:
    start = datetime(2026, 7, 1, 8, tzinfo=UTC)
    follow_up = make.follow_up(start=start, end=start + timedelta(minutes=45), time_zone=zone)
    text = invitation_object(follow_up, [make.participant()], SERVICE).replace("METHOD:REQUEST", "METHOD:COUNTER")

    component = letters.component(letters.mail(text))

    assert component.time == TimeSpan(Instant(start), Instant(start + timedelta(minutes=45)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed)
def test_our_own_description_sent_back_is_no_comment(make: Make, letters: Letters, description: str) -> None:
    there = make.follow_up(description=description)
    text = invitation_object(there, [make.participant(2, email="ole@kunde.example")], SERVICE)
    text = text.replace("METHOD:REQUEST", "METHOD:REPLY").replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=TENTATIVE")

    verdict = letters.verdict(letters.mail(text), letters.follow_up(uid=there.uid, description=description))

    assert (verdict.participant, verdict.comment) == (2, None)
