"""Lists of follow-ups: filters, orders, and pages that stay stable while rows come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from invito.services.errors import Refusal, Unanswerable, UserErrorCode
from invito.services.follow_ups.commands import TypedEmail, TypedSpan
from invito.services.follow_ups.values import FollowUpType, ParticipantStatus, Visibility
from invito.services.ids import FollowUpId
from invito.services.invitations import follow_up_pages
from invito.services.invitations.follow_up_pages import FollowUpFilter, FollowUpOrder, follow_up_count, follow_up_page
from invito.services.invitations.participant_pages import participant_pages, status_counts
from invito.services.paging import PageAsk

if TYPE_CHECKING:
    from invito.services.caller import Caller
    from tests.services.conftest import Office

BACKWARDS = FollowUpOrder.START_LATEST_FIRST


async def read_through(
    office: Office,
    order: FollowUpOrder,
    first: int,
    after: str | None = None,
    wanted: FollowUpFilter | None = None,
    viewer: Caller | None = None,
) -> list[FollowUpId]:
    """All pages from a cursor on."""
    found: list[FollowUpId] = []
    has_next = True
    while has_next:
        page = await follow_up_page(
            office.house, viewer or office.kari, wanted or FollowUpFilter(), order, PageAsk(first, after)
        )
        found.extend(one.id for one in page.items)
        after, has_next = (page.cursors[-1] if page.cursors else after), page.has_next
    return found


async def on_days(office: Office, days: list[int]) -> list[FollowUpId]:
    return [await office.create(start=f"2026-12-{day:02}T09:00") for day in days]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from(list(FollowUpOrder)),
    days=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    more=st.lists(st.integers(1, 4), max_size=4),
    first=st.integers(1, 4),
)
async def test_who_pages_on_while_rows_are_added_sees_each_of_the_old_ones_once(
    office: Office, order: FollowUpOrder, days: list[int], more: list[int], first: int
) -> None:
    await on_days(office, days)
    everything = await read_through(office, order, 500)
    page = await follow_up_page(office.house, office.kari, FollowUpFilter(), order, PageAsk(first))
    added = await on_days(office, more)

    rest = await read_through(office, order, first, page.cursors[-1]) if page.has_next else []

    seen = [one.id for one in page.items] + rest
    assert [one for one in seen if one not in added] == everything
    assert len(seen) == len(set(seen))


@dataclass(frozen=True)
class Plan:
    """A follow-up to be made, by first names."""

    owner: str
    visibility: Visibility
    invitees: frozenset[str]
    day: int


NAMES = st.sampled_from(["kari", "ola", "eva"])
PLANS = st.builds(
    Plan, NAMES, st.sampled_from(Visibility), st.frozensets(NAMES | st.just("per"), max_size=2), st.integers(1, 4)
)
FILTERS: list[FollowUpFilter] = [
    FollowUpFilter(),
    FollowUpFilter(owned_by_viewer=False),
    FollowUpFilter(during=TypedSpan("2026-12-02T00:00", "2026-12-04T00:00")),
    FollowUpFilter(search="of ola"),
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plans=st.lists(PLANS, min_size=1, max_size=8),
    order=st.sampled_from(list(FollowUpOrder)),
    wanted=st.sampled_from(FILTERS),
    first=st.integers(1, 3),
)
async def test_whoever_sees_few_gets_the_pages_of_a_walk_through_all(
    office: Office, plans: list[Plan], order: FollowUpOrder, wanted: FollowUpFilter, first: int
) -> None:
    for plan in plans:
        await office.create(
            *(getattr(office.ref, name) for name in plan.invitees - {plan.owner}),
            by=getattr(office, plan.owner), title=f"Of {plan.owner}", visibility=plan.visibility,
            start=f"2026-12-{plan.day:02}T09:00",
        )  # fmt: skip

    for viewer in (office.kari, office.eva, office.admin, office.stranger):
        with walking_at_most(10_000):
            through_all = await read_through(office, order, 500, wanted=wanted, viewer=viewer)
        with walking_at_most(1):
            paged = await read_through(office, order, first, wanted=wanted, viewer=viewer)
        assert paged == through_all
        assert await follow_up_count(office.house, viewer, wanted) == len(through_all)


@contextmanager
def walking_at_most(count: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow_up_pages, "LONGEST_WALK", count)
        yield


async def plan_of(office: Office, wanted: FollowUpFilter, *, counted: bool = False) -> str:
    """How the database answers the last statement about follow-ups of Eva's, of which she sees few."""
    sent: list[tuple[str, Any]] = []
    database = office.house.database
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_: sent.append((statement, values)),
    )
    with walking_at_most(0):
        if counted:
            await follow_up_count(office.house, office.eva, wanted)
        else:
            await follow_up_page(office.house, office.eva, wanted, FollowUpOrder.START, PageAsk(5))
    statement, values = [one for one in sent if "FROM follow_up" in one[0]][-1]
    async with database.read() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(str(row[-1]) for row in plan)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("counted", [False, True])
async def test_what_few_see_is_found_without_what_others_own(office: Office, *, counted: bool) -> None:
    await office.create(visibility=Visibility.OWNER)

    among_all = await plan_of(office, FollowUpFilter(), counted=counted)
    of_one = await plan_of(office, FollowUpFilter(participant=office.ref.ola), counted=counted)

    for plan in (among_all, of_one):
        scanned = {line for line in plan.splitlines() if line.startswith("SCAN follow_up")}
        assert scanned <= {"SCAN follow_up USING INDEX ix_follow_up_all_start"}, plan
    assert "ix_participant_inbox" in among_all
    assert "ix_participant_inbox" in of_one


async def test_each_order_is_what_it_says(office: Office) -> None:
    early, late, middle = await on_days(office, [1, 3, 2])
    office.clock.go_on(hours=1)
    await office.update(early, title="Newest")

    assert await read_through(office, FollowUpOrder.START, 2) == [early, middle, late]
    assert await read_through(office, FollowUpOrder.START_LATEST_FIRST, 2) == [late, middle, early]
    assert await read_through(office, FollowUpOrder.UPDATED_LATEST_FIRST, 2) == [early, middle, late]


async def test_a_list_is_narrowed_down_by_what_is_named(office: Office) -> None:
    call = await office.create(office.ref.per, title="Ringe Ødegård", type=FollowUpType.PHONE_CALL)
    done = await office.create(office.ref.ola, title="Budsjett", start="2026-12-01T10:00")
    olas = await office.create(by=office.ola, title="Planlegging", start="2026-12-05T10:00")
    office.clock.go_on(hours=1)
    await office.update(done, is_completed=True)

    for wanted, found in (
        (FollowUpFilter(), {call, done, olas}),
        (FollowUpFilter(type=FollowUpType.PHONE_CALL), {call}),
        (FollowUpFilter(owned_by_viewer=True), {call, done}),
        (FollowUpFilter(owned_by_viewer=False), {olas}),
        (FollowUpFilter(is_completed=True), {done}),
        (FollowUpFilter(search="øde ring"), {call}),
        (FollowUpFilter(search="ode"), set()),
        (FollowUpFilter(search="%"), set()),
        (FollowUpFilter(during=TypedSpan("2026-12-01T10:00", "2026-12-02T00:00")), {done}),
        (FollowUpFilter(during=TypedSpan("2026-12-01T09:59", "2026-12-01T10:00")), {call}),
        (FollowUpFilter(updated_since="2026-11-30T12:30:00Z"), {done}),
        (FollowUpFilter(participant=office.ref.per), {call}),
        (FollowUpFilter(participant=TypedEmail("PER@kunde.example")), {call}),
        (FollowUpFilter(participant=office.ref.ola), {done, olas}),
        (FollowUpFilter(participant="nobody:1"), set()),
    ):
        page = await follow_up_page(office.house, office.kari, wanted, FollowUpOrder.START, PageAsk(10))
        assert {one.id for one in page.items} == found, wanted
        assert await follow_up_count(office.house, office.kari, wanted) == len(found), wanted


async def test_a_filter_with_a_time_that_is_none_is_refused_at_its_field(office: Office) -> None:
    for wanted, path in (
        (FollowUpFilter(updated_since="yesterday"), ("filter", "updatedSince")),
        (FollowUpFilter(during=TypedSpan("2026-12-02T00:00", "2026-12-01T00:00")), ("filter", "during", "end")),
    ):
        with pytest.raises(Refusal) as refusal:
            await follow_up_page(office.house, office.kari, wanted, FollowUpOrder.START, PageAsk(10))
        assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME, path)]


async def test_a_cursor_of_another_order_is_refused(office: Office) -> None:
    await on_days(office, [1, 2])
    page = await follow_up_page(office.house, office.kari, FollowUpFilter(), FollowUpOrder.START, PageAsk(1))

    with pytest.raises(Unanswerable):
        await follow_up_page(office.house, office.kari, FollowUpFilter(), BACKWARDS, PageAsk(1, page.cursors[0]))


async def test_the_participants_of_many_follow_ups_are_paged_together_the_owner_first(office: Office) -> None:
    one = await office.create(office.ref.ola, office.ref.eva, office.ref.per)
    other = await office.create(by=office.ola)

    pages = await participant_pages(office.house, [one, other], None, PageAsk(2))
    rest = await participant_pages(office.house, [one], None, PageAsk(10, pages[one].cursors[-1]))
    seen = await participant_pages(office.house, [one], ParticipantStatus.ACCEPTED, PageAsk(10))

    assert [who.name.split()[0] for who in pages[one].items] == ["Kari", "Ola"]
    assert pages[one].has_next
    assert [who.name.split()[0] for who in pages[other].items] == ["Ola"]
    assert not pages[other].has_next
    assert [who.name.split()[0] for who in rest[one].items] == ["Eva", "Per"]
    assert [who.name.split()[0] for who in seen[one].items] == ["Kari"]


async def test_the_counts_are_those_of_the_invitees(office: Office) -> None:
    await office.create(by=office.ola, start="2026-12-01T09:30")
    made = await office.create(office.ref.ola, office.ref.per, office.ref.hall, email_invitations=True)

    counts = (await status_counts(office.house, office.kari, [made]))[made]

    assert (counts.total, counts.not_seen, counts.accepted, counts.declined) == (3, 2, 1, 0)
    assert (counts.conflicts, counts.email_active) == (1, 2)
