"""Who sees a follow-up: the table in FEATURES.md as a Python rule, which the SQL rule must equal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invito.services.caller import Caller
from invito.services.follow_ups.commands import RemoveParticipants
from invito.services.follow_ups.values import Visibility
from invito.services.follow_ups.visibility import may_see_private
from invito.services.invitations.changing import remove_participants
from invito.services.invitations.follow_up_pages import (
    FollowUpFilter,
    FollowUpOrder,
    follow_up_count,
    follow_up_page,
    visible_follow_ups,
)
from invito.services.invitations.participant_pages import visible_participants
from invito.services.paging import PageAsk

if TYPE_CHECKING:
    from tests.services.conftest import Office

PEOPLE = ("kari", "ola", "eva", "admin")
GROUPS = ("Sales", "Support", "Board")


def sees(visibility: Visibility, *, owns: bool, takes_part: bool, shares_group: bool) -> bool:
    """The rows of the table: owner and invitee see all of it, the group what it may, everybody what is for all."""
    if owns or takes_part:
        return True
    return visibility is Visibility.ALL or (visibility is Visibility.OWNER_GROUP and shares_group)


def in_groups(caller: Caller, groups: list[str]) -> Caller:
    assert caller.employee is not None
    return replace(caller, employee=replace(caller.employee, groups=tuple(groups), group_ids=()))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visibility=st.sampled_from(list(Visibility)),
    owner=st.sampled_from(PEOPLE),
    viewer=st.sampled_from(PEOPLE),
    owners_groups=st.lists(st.sampled_from(GROUPS), unique=True),
    viewers_groups=st.lists(st.sampled_from(GROUPS), unique=True),
    invited=st.booleans(),
    removed=st.booleans(),
)
async def test_what_a_viewer_sees_is_what_the_table_says(
    office: Office,
    visibility: Visibility,
    owner: str,
    viewer: str,
    owners_groups: list[str],
    viewers_groups: list[str],
    invited: bool,
    removed: bool,
) -> None:
    by = in_groups(getattr(office, owner), owners_groups)
    caller = in_groups(getattr(office, viewer), viewers_groups)
    guests = [getattr(office.ref, viewer)] if invited and owner != viewer else []
    made = await office.create(*guests, by=by, visibility=visibility)
    rows = await office.everyone(made)
    if removed and guests:
        await remove_participants(office.house, by, RemoveParticipants(made, (rows[1].id,)))
    expected = sees(
        visibility,
        owns=owner == viewer,
        takes_part=bool(guests) and not removed,
        shares_group=bool(owners_groups) and owners_groups[0] in viewers_groups,
    )

    newest = FollowUpOrder.UPDATED_LATEST_FIRST
    page = await follow_up_page(office.house, caller, FollowUpFilter(), newest, PageAsk(500))

    assert (made in await visible_follow_ups(office.house, caller, [made])) is expected
    assert (made in {one.id for one in page.items}) is expected
    assert (rows[0].id in await visible_participants(office.house, caller, [rows[0].id])) is expected
    assert await follow_up_count(office.house, caller, FollowUpFilter()) == len(page.items)


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_a_stranger_sees_nothing(office: Office, visibility: Visibility) -> None:
    made = await office.create(office.ref.ola, visibility=visibility)

    page = await follow_up_page(office.house, office.stranger, FollowUpFilter(), FollowUpOrder.START, PageAsk(10))

    assert await visible_follow_ups(office.house, office.stranger, [made]) == {}
    assert list(page.items) == []
    assert await follow_up_count(office.house, office.stranger, FollowUpFilter()) == 0


async def test_reasons_are_for_the_owner_and_for_whose_they_are(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.eva)
    there, ola = await office.follow_up(made), await office.participant(made, "Ola")

    seen_by = [name for name in (*PEOPLE, "stranger") if may_see_private(getattr(office, name), there, ola)]

    assert seen_by == ["kari", "ola"]
