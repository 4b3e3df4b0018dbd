"""Creating a follow-up with its first participants (F1, F8, F11, F13), on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import InviteeWish, TypedEmail
from invito.services.follow_ups.values import EmailDelivery, ParticipantRole, ParticipantStatus, StatusOrigin
from invito.services.mail.values import MailMethod
from invito.services.notifications.values import NotificationKind
from invito.services.participants.administering import set_available
from invito.services.participants.overviews import set_open_overviews

if TYPE_CHECKING:
    from tests.services.conftest import Office


async def test_the_owner_takes_part_first_and_has_accepted(office: Office) -> None:
    made = await office.create(office.ref.ola)

    names = list(await office.participants(made))
    owner = await office.participant(made, "Kari")

    assert names == ["Kari", "Ola"]
    assert (owner.role, owner.status) == (ParticipantRole.OWNER, ParticipantStatus.ACCEPTED)


async def test_an_invitee_has_not_seen_it_and_is_told(office: Office) -> None:
    made = await office.create(office.ref.ola)

    ola = await office.participant(made, "Ola")

    assert (ola.status, ola.status_origin) == (ParticipantStatus.NOT_SEEN, StatusOrigin.INVITED)
    assert await office.told(office.ola) == [NotificationKind.INVITED]
    assert await office.told(office.kari) == []


async def test_a_resource_accepts_by_itself_and_never_gets_mail(office: Office) -> None:
    made = await office.create(InviteeWish(office.ref.hall, wants_email=True), email_invitations=True)

    hall = await office.participant(made, "Storsalen")

    assert (hall.role, hall.status) == (ParticipantRole.RESOURCE, ParticipantStatus.ACCEPTED)
    assert hall.status_origin is StatusOrigin.AUTOMATIC
    assert not hall.wants_email
    assert await office.outbox(made) == []


async def test_a_location_fills_the_place_if_that_is_empty(office: Office) -> None:
    filled = await office.create(office.ref.projector, office.ref.hall)
    named = await office.create(office.ref.hall, location="At Ola's")
    other = await office.create(office.ref.projector)

    assert (await office.follow_up(filled)).location == "Storsalen, Kaien 1"
    assert (await office.follow_up(named)).location == "At Ola's"
    assert (await office.follow_up(other)).location is None


async def test_mail_is_turned_on_for_all_who_can_get_it_but_the_owner(office: Office) -> None:
    made = await office.create(
        office.ref.ola, office.ref.per, office.ref.nils, office.ref.berit, office.ref.hall, email_invitations=True
    )

    wanting = {name for name, one in (await office.participants(made)).items() if one.wants_email}

    assert wanting == {"Ola", "Per"}
    assert await office.outbox(made) == [("Ola", MailMethod.REQUEST, 0), ("Per", MailMethod.REQUEST, 0)]
    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.QUEUED


async def test_an_invitees_own_choice_goes_before_that_of_the_call(office: Office) -> None:
    made = await office.create(InviteeWish(office.ref.ola, wants_email=False), office.ref.per, email_invitations=True)

    assert await office.outbox(made) == [("Per", MailMethod.REQUEST, 0)]


async def test_a_typed_address_that_one_entry_has_becomes_that_entry(office: Office) -> None:
    made = await office.create(TypedEmail("Per@KUNDE.example", "Somebody"), TypedEmail("ny@kunde.example", "Ny Kunde"))

    there = {one.reference: one.name for one in await office.everyone(made)}

    assert there[office.ref.per] == "Per Ødegård"
    assert there["email:ny@kunde.example"] == "Ny Kunde"


async def test_who_is_named_twice_is_refused_in_whatever_form(office: Office) -> None:
    refused = await office.refused(office.create(office.ref.per, TypedEmail("per@kunde.example")))

    assert refused == [(UserErrorCode.DUPLICATE, ("invitees", "1"))]


async def test_who_invites_themselves_is_there_already(office: Office) -> None:
    by_reference = await office.create(office.ref.kari)
    by_address = await office.create(TypedEmail("kari@nordlys.example", "Me"))

    assert list(await office.participants(by_reference)) == ["Kari"]
    assert list(await office.participants(by_address)) == ["Kari"]


async def test_everything_wrong_is_said_at_once_and_nothing_is_stored(office: Office) -> None:
    refused = await office.refused(
        office.create(
            "employee:999", TypedEmail("no address"), "nobody", InviteeWish(office.ref.ola, ParticipantRole.OWNER),
            title="", end="2026-12-01T08:00",
        )
    )  # fmt: skip

    assert set(refused) == {
        (UserErrorCode.INVALID_INPUT, ("title",)),
        (UserErrorCode.INVALID_TIME, ("end",)),
        (UserErrorCode.NOT_FOUND, ("invitees", "0", "participant", "reference")),
        (UserErrorCode.INVALID_EMAIL, ("invitees", "1", "participant", "email", "address")),
        (UserErrorCode.NOT_FOUND, ("invitees", "2", "participant", "reference")),
        (UserErrorCode.INVALID_INPUT, ("invitees", "3", "role")),
    }


async def test_a_call_takes_a_thousand_invitees_and_not_one_more(office: Office) -> None:
    crowd = [TypedEmail(f"guest{number}@kunde.example") for number in range(1_001)]

    refused = await office.refused(office.create(*crowd))
    made = await office.create(*crowd[:1_000])

    assert refused == [(UserErrorCode.TOO_MANY, ("invitees",))]
    assert len(await office.everyone(made)) == 1_001


async def test_a_viewer_who_is_no_employee_creates_nothing(office: Office) -> None:
    assert await office.refused(office.create(by=office.stranger)) == [(UserErrorCode.FORBIDDEN, ())]


async def test_who_is_not_available_cannot_be_invited(office: Office) -> None:
    await set_available(office.house, office.admin, office.ref.per, is_available=False)

    for who in (office.ref.per, TypedEmail("per@kunde.example")):
        with pytest.raises(Refusal) as refused:
            await office.create(who)
        (error,) = refused.value.errors
        assert error.code is UserErrorCode.NOT_AVAILABLE
        # Who it is shows nowhere (F7), here neither.
        assert "Per" not in error.message


async def test_open_overviews_are_taken_in_by_themselves_after_those_who_are_named(office: Office) -> None:
    await set_open_overviews(office.house, office.kari, [office.ref.hall, office.ref.ola, office.ref.kari])

    with_them = await office.create(office.ref.eva, office.ref.ola)
    without = await office.create(office.ref.eva, with_open_overviews=False)

    assert list(await office.participants(with_them)) == ["Kari", "Eva", "Ola", "Storsalen"]
    assert list(await office.participants(without)) == ["Kari", "Eva"]


async def test_an_overview_of_somebody_who_is_not_available_any_longer_is_left_out(office: Office) -> None:
    await set_open_overviews(office.house, office.kari, [office.ref.per, office.ref.ola])
    await set_available(office.house, office.admin, office.ref.per, is_available=False)

    assert list(await office.participants(await office.create())) == ["Kari", "Ola"]


async def test_a_repeat_under_the_same_key_gets_the_first_result_whatever_became_of_the_invitees(
    office: Office,
) -> None:
    first = await office.create(office.ref.per, idempotency_key="a")
    await set_available(office.house, office.admin, office.ref.per, is_available=False)
    office.clock.go_on(days=1)
    before = await office.state()

    repeat = await office.create(office.ref.per, idempotency_key="a")

    assert repeat == first
    assert await office.state() == before


async def test_another_input_under_the_same_key_is_refused(office: Office) -> None:
    await office.create(idempotency_key="a")

    refused = await office.refused(office.create(title="Other", idempotency_key="a"))

    assert refused == [(UserErrorCode.IDEMPOTENCY_MISMATCH, ("idempotencyKey",))]


async def test_a_key_is_its_callers_own_and_what_failed_leaves_it_free(office: Office) -> None:
    await office.refused(office.create("employee:999", idempotency_key="a"))

    mine = await office.create(idempotency_key="a")
    olas = await office.create(title="Other", by=office.ola, idempotency_key="a")

    assert mine != olas
    assert await office.refused(office.create(idempotency_key=" ")) == [
        (UserErrorCode.INVALID_INPUT, ("idempotencyKey",))
    ]


async def test_after_a_week_a_key_is_a_new_one(office: Office) -> None:
    first = await office.create(idempotency_key="a")
    office.clock.go_on(days=7)
    repeat = await office.create(idempotency_key="a")
    office.clock.go_on(seconds=1)

    later = await office.create(title="Other", idempotency_key="a")

    assert repeat == first
    assert later != first
