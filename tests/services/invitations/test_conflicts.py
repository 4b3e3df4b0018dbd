"""Busy at the follow-up's time (F9), while choosing and once invited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from invito.services.busy.availability import AvailabilityState
from invito.services.follow_ups.commands import Answer, CancelFollowUp, RemoveParticipants, TypedSpan
from invito.services.follow_ups.values import ParticipantStatus, ShowAs, Visibility
from invito.services.ids import FollowUpId
from invito.services.invitations.answering import respond_to_invitation
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import remove_participants
from invito.services.invitations.conflicts import availability_of_participants, conflicting_participants
from invito.services.paging import PageAsk
from invito.services.participants.listing import AvailableAsk, available_participants

if TYPE_CHECKING:
    from tests.services.conftest import Office

FREE, BUSY, UNKNOWN = AvailabilityState


async def in_conflict(office: Office, follow_up: FollowUpId) -> set[str]:
    """The first names of those who stand with CONFLICT."""
    found = (await conflicting_participants(office.house, office.kari, [follow_up]))[follow_up]
    return {name for name, one in (await office.participants(follow_up)).items() if one.id in found}


async def offered(office: Office, source: str, start: str, end: str) -> dict[str, AvailabilityState]:
    """Who is free while choosing, by first name."""
    ask = AvailableAsk(source, during=TypedSpan(start, end))
    page = await available_participants(office.house, office.kari, ask, PageAsk(50))
    return {one.entry.name.split()[0]: one.availability.state for one in page.items}


async def test_who_is_taken_may_be_invited_all_the_same_and_stands_with_conflict(office: Office) -> None:
    await office.create(office.ref.ola, office.ref.hall, by=office.eva, start="2026-12-01T09:30")

    made = await office.create(office.ref.ola, office.ref.hall, office.ref.admin, office.ref.per)

    assert await in_conflict(office, made) == {"Ola", "Storsalen"}


async def test_a_follow_up_never_conflicts_with_itself(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.hall)

    page = await available_participants(
        office.house, office.kari, AvailableAsk("employees", follow_up=made), PageAsk(50)
    )

    assert await in_conflict(office, made) == set()
    assert {one.availability.state for one in page.items} == {FREE}
    assert {one.entry.name.split()[0] for one in page.items if one.is_invited} == {"Kari", "Ola"}


async def test_back_to_back_is_no_conflict(office: Office) -> None:
    await office.create(office.ref.ola, by=office.eva, start="2026-12-01T08:00", end="2026-12-01T09:00")
    await office.create(office.ref.ola, by=office.eva, start="2026-12-01T10:00", end="2026-12-01T11:00")

    assert await in_conflict(office, await office.create(office.ref.ola)) == set()
    assert (await offered(office, "employees", "2026-12-01T09:00", "2026-12-01T10:00"))["Ola"] is BUSY
    assert (await offered(office, "employees", "2026-12-01T11:00", "2026-12-01T12:00"))["Ola"] is FREE


async def test_who_declined_is_free_on_both_sides(office: Office) -> None:
    first = await office.create(office.ref.ola, by=office.eva)
    second = await office.create(office.ref.ola)
    ola = await office.participant(first, "Ola")
    before = await in_conflict(office, second)

    await respond_to_invitation(office.house, office.ola, Answer(ola.id, ParticipantStatus.DECLINED))

    assert before == {"Ola"}
    assert await in_conflict(office, second) == set()
    assert await in_conflict(office, first) == set()

    await respond_to_invitation(office.house, office.ola, Answer(ola.id, ParticipantStatus.ACCEPTED))
    assert await in_conflict(office, second) == {"Ola"}


async def test_what_is_shown_as_free_or_cancelled_makes_nobody_busy(office: Office) -> None:
    shown = await office.create(office.ref.ola, by=office.eva, show_as=ShowAs.FREE)
    cancelled = await office.create(office.ref.ola, by=office.eva)
    await cancel_follow_up(office.house, office.eva, CancelFollowUp(cancelled))

    made = await office.create(office.ref.ola)
    free = await in_conflict(office, made)
    await office.update(shown, office.eva, show_as=ShowAs.BUSY)

    assert free == set()
    assert await in_conflict(office, made) == {"Ola"}


async def test_busy_times_follow_what_moves_and_who_is_removed(office: Office) -> None:
    other = await office.create(office.ref.ola, by=office.eva, start="2026-12-01T12:00")
    made = await office.create(office.ref.ola)
    seen = [await in_conflict(office, made)]

    await office.update(other, office.eva, start="2026-12-01T09:59")
    seen.append(await in_conflict(office, made))
    ola = (await office.participant(other, "Ola")).id
    await remove_participants(office.house, office.eva, RemoveParticipants(other, (ola,)))
    seen.append(await in_conflict(office, made))

    assert seen == [set(), {"Ola"}, set()]


async def test_persons_outside_have_no_calendar_here(office: Office) -> None:
    await office.create(office.ref.per, office.ref.ola, by=office.eva)
    made = await office.create(office.ref.per, office.ref.ola)
    there = await office.participants(made)

    known = await availability_of_participants(office.house, office.kari, list(there.values()))

    assert known[there["Per"].id].state is UNKNOWN
    assert known[there["Ola"].id].state is BUSY
    assert known[there["Kari"].id].state is FREE


async def test_an_imported_calendar_makes_busy_and_its_titles_are_its_owners(office: Office) -> None:
    start, end = datetime(2026, 12, 1, 8, 30, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)
    await office.is_busy(office.ref.ola, start, end, "Dentist")
    made = await office.create(office.ref.ola)
    there = list((await office.participants(made)).values())

    seen_by_kari = await availability_of_participants(office.house, office.kari, there)
    seen_by_ola = await availability_of_participants(office.house, office.ola, there)

    ola = there[1].id
    assert [(one.start, one.end, one.title) for one in seen_by_kari[ola].conflicts] == [(start, end, None)]
    assert [one.title for one in seen_by_ola[ola].conflicts] == ["Dentist"]


async def test_a_private_follow_up_shows_as_busy_and_nothing_more(office: Office) -> None:
    secret = await office.create(office.ref.ola, by=office.eva, title="Secret", visibility=Visibility.OWNER)
    made = await office.create(office.ref.ola)
    there = list((await office.participants(made)).values())

    (conflict,) = (await availability_of_participants(office.house, office.kari, there))[there[1].id].conflicts

    assert conflict.follow_up == secret
    assert conflict.title is None
    assert await office.refused(office.update(secret, office.kari, title="Mine")) != []
