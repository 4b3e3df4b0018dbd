"""What becomes of a status (F20–F22): toggled, set on behalf, answered, asked anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from invito.services.follow_ups.statuses import after_toggle, asked_anew, with_status
from invito.services.follow_ups.values import ParticipantStatus, StatusOrigin

if TYPE_CHECKING:
    from tests.services.conftest import Make

LATER = timedelta(hours=1)
NOT_SEEN, SEEN, ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus


@pytest.mark.parametrize(
    ("there", "was_seen", "then"),
    [
        (NOT_SEEN, False, ACCEPTED),
        (SEEN, True, ACCEPTED),
        (TENTATIVE, True, ACCEPTED),
        (ACCEPTED, False, DECLINED),
        (ACCEPTED, True, DECLINED),
        (DECLINED, False, NOT_SEEN),
        (DECLINED, True, SEEN),
    ],
)
def test_a_toggle_goes_from_one_status_to_the_next(
    make: Make, there: ParticipantStatus, was_seen: bool, then: ParticipantStatus
) -> None:
    assert after_toggle(make.participant(status=there, was_seen=was_seen)) is then


@pytest.mark.parametrize("there", [NOT_SEEN, SEEN])
def test_three_toggles_lead_back_to_where_they_began(make: Make, there: ParticipantStatus) -> None:
    participant = make.participant(status=there, was_seen=there is SEEN)

    for _ in range(3):
        participant = with_status(participant, after_toggle(participant), StatusOrigin.ON_BEHALF, None, make.now)

    assert participant.status is there


def test_a_status_set_on_behalf_says_so_and_when(make: Make) -> None:
    after = with_status(make.participant(), ACCEPTED, StatusOrigin.ON_BEHALF, None, make.now + LATER)

    assert after.status is ACCEPTED
    assert after.status_origin is StatusOrigin.ON_BEHALF
    assert after.status_changed_at == make.now + LATER
    assert not after.was_seen


@pytest.mark.parametrize("status", [ACCEPTED, TENTATIVE, SEEN])
def test_a_reason_stays_only_beside_declined(make: Make, status: ParticipantStatus) -> None:
    declined = with_status(make.participant(), DECLINED, StatusOrigin.ANSWERED, "ill", make.now)

    after = with_status(declined, status, StatusOrigin.ANSWERED, "never mind", make.now)

    assert declined.decline_reason == "ill"
    assert after.decline_reason is None


def test_the_same_answer_again_by_mail_changes_nothing(make: Make) -> None:
    declined = with_status(make.participant(), DECLINED, StatusOrigin.EMAIL_REPLY, "ill", make.now)

    assert with_status(declined, DECLINED, StatusOrigin.EMAIL_REPLY, "ill", make.now + LATER) == declined
    assert with_status(declined, DECLINED, StatusOrigin.EMAIL_REPLY, "away", make.now).decline_reason == "away"


@pytest.mark.parametrize("origin", [StatusOrigin.ON_BEHALF, StatusOrigin.ANSWERED, StatusOrigin.ANSWER_LINK])
def test_the_same_answer_by_mail_is_the_one_that_stands_from_then_on(make: Make, origin: StatusOrigin) -> None:
    accepted = with_status(make.participant(), ACCEPTED, origin, None, make.now)

    after = with_status(accepted, ACCEPTED, StatusOrigin.EMAIL_REPLY, None, make.now + LATER)

    assert (after.status, after.status_origin) == (ACCEPTED, StatusOrigin.EMAIL_REPLY)
    assert after.status_changed_at == make.now + LATER


@pytest.mark.parametrize("origin", [StatusOrigin.ON_BEHALF, StatusOrigin.ANSWERED, StatusOrigin.ANSWER_LINK])
def test_a_hand_that_confirms_says_so_and_when(make: Make, origin: StatusOrigin) -> None:
    declined = with_status(make.participant(), DECLINED, StatusOrigin.EMAIL_REPLY, "ill", make.now)

    after = with_status(declined, DECLINED, origin, "ill", make.now + LATER)

    assert (after.status, after.decline_reason) == (DECLINED, "ill")
    assert (after.status_origin, after.status_changed_at) == (origin, make.now + LATER)


@pytest.mark.parametrize("there", [SEEN, ACCEPTED, TENTATIVE, DECLINED])
def test_who_is_asked_anew_has_not_seen_it_and_given_no_reason(make: Make, there: ParticipantStatus) -> None:
    answered = make.participant(status=there, was_seen=True, decline_reason="ill")

    after = asked_anew(answered, make.now + LATER)

    assert (after.status, after.decline_reason, after.was_seen) == (NOT_SEEN, None, False)
    assert (after.status_origin, after.status_changed_at) == (StatusOrigin.INVITED, make.now + LATER)


def test_owner_and_resources_are_never_asked_anew(make: Make) -> None:
    for one in (make.owner(), make.resource(), replace(make.resource(), status=DECLINED)):
        assert asked_anew(one, make.now + LATER) == one
