"""Which mail follows from a change: each row of ITIP.md's table, Out, and never two for one save (F14–F19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invito.services.follow_ups.change import Change
from invito.services.follow_ups.values import EmailDelivery, Participant
from invito.services.mail.planning import MailAction, mail_steps, with_delivery

if TYPE_CHECKING:
    from tests.services.conftest import Make

REQUEST, CANCEL, WITHDRAW, TAKE_BACK = MailAction
FIELDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "place": {"location": "Storsalen"},
    "title": {"title": "Nytt budsjett"},
    "description": {"description": "Ta med tall"},
    "completed": {"is_completed": True},
    "cancelled": {"is_cancelled": True},
}

# How an invitee stands with mail: off, on; and what became of it: nothing yet, a REQUEST waits, a REQUEST is held.
OFF: dict[str, Any] = {"wants_email": False}
WAITING: dict[str, Any] = {"wants_email": True, "email_delivery": EmailDelivery.QUEUED}


def held(make: Make, **fields: Any) -> dict[str, Any]:
    sent = {"email_delivery": EmailDelivery.SENT, "email_sent_at": make.now, "held_sequence": 0}
    return {"wants_email": True} | sent | fields


def actions(
    make: Make, before: Participant | None, after: Participant, *, is_quiet: bool = False, **fields: Any
) -> list[MailAction]:
    """What is done about one invitee when these fields change at the same time."""
    there = make.follow_up()
    owner = make.owner()
    old = (owner,) if before is None else (owner, before)
    change = Change(there, replace(there, **fields), old, (owner, after), is_quiet)
    return [step.action for step in mail_steps(change)]


@pytest.mark.parametrize(("wants_email", "expected"), [(True, [REQUEST]), (False, [])])
def test_who_is_invited_with_email_on_gets_a_request(make: Make, wants_email: bool, expected: list[MailAction]) -> None:
    assert actions(make, None, make.participant(wants_email=wants_email)) == expected


def test_who_is_in_a_new_follow_up_with_email_on_gets_a_request(make: Make) -> None:
    everyone = (make.owner(), make.participant(2, wants_email=True), make.participant(3))

    steps = mail_steps(Change(None, make.follow_up(), (), everyone))

    assert [(step.action, step.participant.id) for step in steps] == [(REQUEST, 2)]


def test_turning_email_on_later_sends_a_request(make: Make) -> None:
    assert actions(make, make.participant(**OFF), make.participant(wants_email=True)) == [REQUEST]


@pytest.mark.parametrize(
    ("fields", "with_email", "held_but_off", "off"),
    [
        ("nothing", [], [], []),
        ("completed", [], [], []),
        ("place", [REQUEST], [REQUEST], []),
        ("title", [REQUEST], [], []),
        ("description", [REQUEST], [], []),
        ("cancelled", [CANCEL], [CANCEL], []),
    ],
)
def test_a_change_reaches_who_has_email_on_and_one_of_time_or_place_who_holds_a_request_too(
    make: Make, fields: str, with_email: list[MailAction], held_but_off: list[MailAction], off: list[MailAction]
) -> None:
    people = (
        make.participant(**held(make)),
        make.participant(**held(make, wants_email=False)),
        make.participant(**OFF),
    )

    found = [actions(make, one, one, **FIELDS[fields]) for one in people]

    assert found == [with_email, held_but_off, off]


@pytest.mark.parametrize("moved", ["start", "end", "time_zone", "is_all_day"])
def test_every_part_of_the_time_counts_as_a_changed_time(make: Make, moved: str) -> None:
    there = make.follow_up()
    value = {
        "start": there.start - timedelta(hours=1),
        "end": there.end + timedelta(hours=1),
        "time_zone": "Europe/London",
        "is_all_day": True,
    }[moved]
    holder = make.participant(**held(make, wants_email=False))

    fields: dict[str, Any] = {moved: value}
    assert actions(make, holder, holder, **fields) == [REQUEST]


@pytest.mark.parametrize("wants_email", [True, False])
def test_a_cancel_goes_to_who_is_removed_and_holds_a_request(make: Make, wants_email: bool) -> None:
    there = make.participant(**held(make, wants_email=wants_email))

    assert actions(make, there, replace(there, removed_at=make.now)) == [CANCEL]


def test_who_is_removed_before_the_request_went_out_gets_nothing(make: Make) -> None:
    there = make.participant(**WAITING)

    assert actions(make, there, replace(there, removed_at=make.now)) == [WITHDRAW]


def test_who_is_removed_and_never_had_email_gets_nothing(make: Make) -> None:
    there = make.participant(**OFF)

    assert actions(make, there, replace(there, removed_at=make.now)) == []


def test_a_cancelled_follow_up_takes_back_what_waits(make: Make) -> None:
    there = make.participant(**WAITING)

    assert actions(make, there, there, is_cancelled=True) == [WITHDRAW]


def test_turning_email_off_takes_back_what_waits_and_tells_nobody(make: Make) -> None:
    there = make.participant(**WAITING)

    assert actions(make, there, replace(there, wants_email=False)) == [TAKE_BACK]


def test_turning_email_off_leaves_a_changed_time_that_waits_for_who_holds_a_request(make: Make) -> None:
    there = make.participant(**held(make, email_delivery=EmailDelivery.QUEUED))

    assert actions(make, there, replace(there, wants_email=False), rearranged_sequence=1) == []


def test_turning_email_off_takes_back_new_text_that_waits_for_who_holds_a_request(make: Make) -> None:
    there = make.participant(**held(make, email_delivery=EmailDelivery.QUEUED))

    assert actions(make, there, replace(there, wants_email=False)) == [TAKE_BACK]


@pytest.mark.parametrize("fields", ["place", "title", "cancelled"])
def test_a_quiet_change_sends_nothing(make: Make, fields: str) -> None:
    there = make.participant(**held(make))

    assert actions(make, there, there, is_quiet=True, **FIELDS[fields]) == []
    assert actions(make, None, make.participant(wants_email=True), is_quiet=True) == []
    assert actions(make, there, replace(there, removed_at=make.now), is_quiet=True) == []


def test_a_quiet_removal_keeps_no_invitation_waiting(make: Make) -> None:
    there = make.participant(**WAITING)

    assert actions(make, there, replace(there, removed_at=make.now), is_quiet=True) == [TAKE_BACK]


def test_a_later_change_carries_along_what_a_quiet_one_told_nobody(make: Make) -> None:
    holder = make.participant(**held(make, wants_email=False))
    invited = make.participant(wants_email=True)

    assert actions(make, holder, holder, rearranged_sequence=1, is_completed=True) == [REQUEST]
    assert actions(make, invited, invited, is_completed=True) == [REQUEST]
    assert actions(make, holder, holder, is_completed=True) == []


def test_who_was_removed_and_holds_nothing_hears_nothing_more(make: Make) -> None:
    gone = make.participant(**held(make, removed_at=make.now, held_sequence=None))

    assert actions(make, gone, gone, is_cancelled=True) == []
    assert actions(make, gone, gone, location="Storsalen") == []


@pytest.mark.parametrize("fields", ["place", "title", "completed", "cancelled"])
def test_who_was_removed_quietly_gets_a_cancel_with_the_next_change_that_is_told(make: Make, fields: str) -> None:
    gone = make.participant(**held(make, removed_at=make.now))

    assert actions(make, gone, gone, is_quiet=True, **FIELDS[fields]) == []
    assert actions(make, gone, gone, **FIELDS[fields]) == [CANCEL]


@pytest.mark.parametrize("delivery", [EmailDelivery.QUEUED, EmailDelivery.DELAYED])
def test_who_was_removed_and_whose_cancel_waits_gets_no_other(make: Make, delivery: EmailDelivery) -> None:
    gone = make.participant(**held(make, removed_at=make.now, email_delivery=delivery))

    assert actions(make, gone, gone, is_cancelled=True) == []


def test_a_cancel_that_was_refused_is_tried_again_with_what_all_are_told(make: Make) -> None:
    gone = make.participant(**held(make, removed_at=make.now, email_delivery=EmailDelivery.FAILED))

    assert actions(make, gone, gone, **FIELDS["completed"]) == []
    assert actions(make, gone, gone, **FIELDS["place"]) == [CANCEL]


def test_who_is_invited_again_gets_a_request(make: Make) -> None:
    gone = make.participant(**held(make, removed_at=make.now))
    back = replace(gone, removed_at=None, held_sequence=None, email_delivery=EmailDelivery.NOT_SENT)

    assert actions(make, gone, back) == [REQUEST]


rows = st.fixed_dictionaries(
    {
        "wants_email": st.booleans(),
        "email_delivery": st.sampled_from(EmailDelivery),
        "is_held": st.booleans(),
        "is_removed": st.booleans(),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.none() | rows, rows), max_size=5), st.lists(st.sampled_from(sorted(FIELDS)), max_size=3))
def test_no_save_ever_causes_two_mails_to_one_or_any_to_the_owner(
    make: Make, people: list[tuple[dict[str, Any] | None, dict[str, Any]]], changed: list[str]
) -> None:
    def of(number: int, row: dict[str, Any]) -> Participant:
        return make.participant(
            number, wants_email=row["wants_email"], email_delivery=row["email_delivery"],
            held_sequence=0 if row["is_held"] else None, removed_at=make.now if row["is_removed"] else None,
        )  # fmt: skip

    ordered = sorted(people, key=lambda pair: pair[0] is None)
    before = [of(number, old) for number, (old, _) in enumerate(ordered, start=2) if old is not None]
    after = [of(number, new) for number, (_, new) in enumerate(ordered, start=2)]
    there = make.follow_up()
    fields = {name: value for one in changed for name, value in FIELDS[one].items()}

    steps = mail_steps(Change(there, replace(there, **fields), (make.owner(), *before), (make.owner(), *after)))

    told = [step.participant.id for step in steps]
    assert len(told) == len(set(told))
    assert make.owner().id not in told
    old_rows = {one.id: one for one in before}
    for step in steps:
        if step.action is CANCEL:
            assert step.participant.held_sequence is not None
            assert step.participant.id in old_rows


@pytest.mark.parametrize(
    ("action", "is_held", "delivery"),
    [
        (REQUEST, False, EmailDelivery.QUEUED),
        (REQUEST, True, EmailDelivery.QUEUED),
        (CANCEL, True, EmailDelivery.QUEUED),
        (TAKE_BACK, False, EmailDelivery.NOT_SENT),
        (TAKE_BACK, True, EmailDelivery.SENT),
        (WITHDRAW, False, EmailDelivery.NOT_SENT),
    ],
)
def test_the_envelope_shows_what_became_of_the_mail(
    make: Make, action: MailAction, is_held: bool, delivery: EmailDelivery
) -> None:
    there = make.participant(**WAITING, held_sequence=0 if is_held else None)

    assert with_delivery(there, action).email_delivery is delivery
