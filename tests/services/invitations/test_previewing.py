"""The preview says what saving would do, and stores nothing (F10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import (
    CreateFollowUp,
    EmailChoice,
    InviteeWish,
    ParticipantChanges,
    SaveParticipants,
    StatusChoice,
    TypedEmail,
)
from invito.services.follow_ups.envelopes import email_invitation
from invito.services.follow_ups.values import FollowUpType, ParticipantStatus, Visibility
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.changing import save_participants
from invito.services.invitations.conflicts import conflicting_participants
from invito.services.invitations.creating import create_follow_up
from invito.services.invitations.previewing import Preview, preview_creation, preview_save

if TYPE_CHECKING:
    from tests.services.conftest import Office

Row = tuple[str, str, object, object, object, bool]
NAMES = ("Ola", "Eva", "Per", "Nils", "Berit", "Storsalen", "Projektor", "Kari", "Nobody")
REFERENCES = ("ola", "eva", "per", "nils", "berit", "hall", "projector", "kari", "nobody")

several = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
some_names = st.lists(st.sampled_from(NAMES), max_size=3)
statuses = st.sampled_from(list(ParticipantStatus))


def previewed(preview: Preview) -> list[Row]:
    return [
        (
            one.listed.entry.reference, one.listed.entry.name, one.role, one.status,
            (one.email.state, one.email.unavailable_reason), one.has_conflict,
        )
        for one in preview.participants
    ]  # fmt: skip


async def stored(office: Office, follow_up: FollowUpId) -> list[Row]:
    conflicts = (await conflicting_participants(office.house, office.kari, [follow_up]))[follow_up]
    rows: list[Row] = []
    for one in (await office.participants(follow_up)).values():
        envelope = email_invitation(one, can_send=True)
        state = (envelope.state, envelope.unavailable_reason)
        rows.append((one.reference, one.name, one.role, one.status, state, one.id in conflicts))
    return rows


def wishes_of(office: Office, names: list[str], *, wants_email: bool) -> tuple[InviteeWish, ...]:
    references = (getattr(office.ref, name, "employee:999") for name in names)
    return tuple(InviteeWish(reference, wants_email=wants_email) for reference in references)


async def busy_at_the_time(office: Office) -> None:
    """Ola and the hall are taken."""
    await office.create(office.ref.hall, by=office.ola, start="2026-12-01T09:30", title="Taken")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@several
@given(names=st.lists(st.sampled_from(REFERENCES), max_size=4), mail=st.booleans(), title=st.sampled_from(["A", ""]))
async def test_the_preview_of_a_new_follow_up_is_what_creating_it_stores(
    office: Office, names: list[str], mail: bool, title: str
) -> None:
    await busy_at_the_time(office)
    wishes = wishes_of(office, names, wants_email=mail)
    command = CreateFollowUp(FollowUpType.TASK, title, "2026-12-01T09:00", invitees=wishes, email_invitations=mail)
    before = await office.state()

    preview = await preview_creation(office.house, office.kari, command)

    assert await office.state() == before
    try:
        made = await create_follow_up(office.house, office.kari, command)
    except Refusal as refusal:
        assert preview == Preview(errors=refusal.errors)
    else:
        assert preview.errors == ()
        assert previewed(preview) == await stored(office, made)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@several
@given(
    adds=st.lists(st.sampled_from(REFERENCES), max_size=3),
    mail=st.booleans(),
    removes=some_names,
    emails=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=3),
    chosen=st.lists(st.tuples(st.sampled_from(NAMES), statuses), max_size=3),
)
async def test_the_preview_of_a_save_is_what_saving_stores(
    office: Office,
    adds: list[str],
    mail: bool,
    removes: list[str],
    emails: list[tuple[str, bool]],
    chosen: list[tuple[str, ParticipantStatus]],
) -> None:
    await busy_at_the_time(office)
    made = await office.create(office.ref.ola, office.ref.per, office.ref.hall, email_invitations=True)
    ids = {name: one.id for name, one in (await office.participants(made)).items()}
    nobody = ParticipantId(0)
    changes = ParticipantChanges(
        add=wishes_of(office, adds, wants_email=mail),
        remove=tuple(ids.get(name, nobody) for name in removes),
        emails=tuple(EmailChoice(ids.get(name, nobody), enabled) for name, enabled in emails),
        statuses=tuple(StatusChoice(ids.get(name, nobody), status, "why") for name, status in chosen),
    )
    before = await office.state()

    preview = await preview_save(office.house, office.kari, SaveParticipants(made, changes))

    assert await office.state() == before
    try:
        await save_participants(office.house, office.kari, SaveParticipants(made, changes))
    except Refusal as refusal:
        assert preview == Preview(errors=refusal.errors)
    else:
        assert preview.errors == ()
        assert previewed(preview) == await stored(office, made)


async def test_the_preview_shows_who_stands_with_conflict(office: Office) -> None:
    await busy_at_the_time(office)
    wishes = (InviteeWish(office.ref.ola), InviteeWish(office.ref.hall), InviteeWish(office.ref.eva))
    command = CreateFollowUp(FollowUpType.TASK, "New", "2026-12-01T09:00", invitees=wishes)

    preview = await preview_creation(office.house, office.kari, command)

    assert [(one.listed.entry.name, one.has_conflict) for one in preview.participants] == [
        ("Kari Nordmann", False), ("Ola Åsen", True), ("Storsalen", True), ("Eva Lie", False),
    ]  # fmt: skip
    assert preview.has_conflict


async def test_who_may_not_save_gets_the_same_answer_from_the_preview(office: Office) -> None:
    made = await office.create(office.ref.ola, visibility=Visibility.OWNER)
    command = SaveParticipants(made, ParticipantChanges(add=(InviteeWish(TypedEmail("x@y.example")),)))

    for caller, code in (
        (office.ola, UserErrorCode.NOT_OWNER),
        (office.eva, UserErrorCode.NOT_FOUND),
        (office.stranger, UserErrorCode.FORBIDDEN),
    ):
        preview = await preview_save(office.house, caller, command)
        assert [error.code for error in preview.errors] == [code]
        assert preview.participants == ()
