"""Who is told what, in whose words, until they say 'Got it' (F4, F22, F23, F33)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from invito.plugins.contract import Language
from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import (
    Answer,
    CancelFollowUp,
    FieldChanges,
    InviteeWish,
    InviteParticipants,
    NotifyInvitees,
    ParticipantChanges,
    RemoveParticipants,
    StatusChoice,
    UpdateFollowUp,
)
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.invitations.answering import mark_invitation_seen, respond_to_invitation
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import invite_participants, remove_participants, update_follow_up
from invito.services.invitations.changing_one import set_participant_status
from invito.services.notifications import repository
from invito.services.notifications.acknowledging import acknowledge_notification
from invito.services.notifications.reading import notification_count, notification_page, notifications
from invito.services.notifications.repository import tell_owner_once
from invito.services.notifications.texts import message_of
from invito.services.notifications.values import Notification, NotificationKind
from invito.services.paging import PageAsk

if TYPE_CHECKING:
    from invito.services.caller import Caller
    from invito.services.ids import FollowUpId
    from tests.services.conftest import Office

INVITED, CHANGED, CANCELLED, REMOVED, ACCEPTED, TENTATIVE, DECLINED, *_ = NotificationKind


async def quietly(office: Office, follow_up: FollowUpId, fields: FieldChanges, **participants: Any) -> None:
    change = UpdateFollowUp(follow_up, fields, ParticipantChanges(**participants), notify=NotifyInvitees.NONE)
    await update_follow_up(office.house, office.kari, change)


async def respond(office: Office, follow_up: FollowUpId, name: str) -> None:
    answer = Answer((await office.participant(follow_up, name)).id, ParticipantStatus.ACCEPTED)
    await respond_to_invitation(office.house, office.ola, answer)


async def last(office: Office, caller: Caller) -> Notification:
    page = await notification_page(office.house, caller, PageAsk(1), unacknowledged_only=False)
    return page.items[0]


async def test_employees_are_told_that_they_are_invited_and_nobody_else(office: Office) -> None:
    await office.create(office.ref.ola, office.ref.per, office.ref.hall)

    assert [await office.told(one) for one in (office.kari, office.ola, office.eva)] == [[], [INVITED], []]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"start": "2026-12-02T09:00"}, [INVITED, CHANGED]),
        ({"location": "Storsalen"}, [INVITED, CHANGED]),
        ({"start": "2026-12-02T09:00", "location": "Storsalen"}, [INVITED, CHANGED]),
        ({"title": "Nytt budsjett", "description": "Ta med tall"}, [INVITED]),
        ({"is_completed": True}, [INVITED]),
        ({}, [INVITED]),
    ],
)
async def test_a_changed_time_or_place_is_told_once_and_nothing_else_is(
    office: Office, fields: dict[str, Any], told: list[NotificationKind]
) -> None:
    made = await office.create(office.ref.ola)

    await office.update(made, **fields)

    assert await office.told(office.ola) == told
    assert await office.told(office.kari) == []


async def test_who_comes_later_is_invited_and_the_others_hear_nothing_of_it(office: Office) -> None:
    made = await office.create(office.ref.ola)

    await invite_participants(office.house, office.kari, InviteParticipants(made, (InviteeWish(office.ref.eva),)))

    assert [await office.told(one) for one in (office.ola, office.eva)] == [[INVITED], [INVITED]]


async def test_who_is_removed_is_told_so_and_nothing_of_what_follows(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.eva)
    ola = await office.participant(made, "Ola")

    await remove_participants(office.house, office.kari, RemoveParticipants(made, (ola.id,)))
    await office.update(made, start="2026-12-02T09:00")
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert await office.told(office.ola) == [INVITED, REMOVED]
    assert await office.told(office.eva) == [INVITED, CHANGED, CANCELLED]


async def test_a_later_change_tells_of_the_time_that_was_changed_quietly_and_only_once(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.eva, office.ref.per)
    eva = await office.participant(made, "Eva")

    await quietly(office, made, FieldChanges(start="2026-12-02T09:00"))
    quiet = await office.told(office.ola)
    await respond(office, made, "Ola")
    answered = await office.told(office.ola)
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (eva.id,)))
    await office.update(made, title="Nytt budsjett")

    assert (quiet, answered) == ([INVITED], [INVITED])
    assert [await office.told(one) for one in (office.ola, office.eva)] == [[INVITED, CHANGED], [INVITED, REMOVED]]
    assert (await last(office, office.ola)).start == (await office.follow_up(made)).start


async def test_who_was_invited_quietly_is_told_with_the_next_change(office: Office) -> None:
    made = await office.create(office.ref.ola)

    await quietly(office, made, FieldChanges(), add=(InviteeWish(office.ref.eva),))
    quiet = await office.told(office.eva)
    await office.update(made, start="2026-12-02T09:00")
    await office.update(made, is_completed=True)

    assert quiet == []
    assert [await office.told(one) for one in (office.ola, office.eva)] == [[INVITED, CHANGED], [INVITED]]


@pytest.mark.parametrize("is_cancelled", [True, False])
async def test_who_was_removed_quietly_is_told_with_the_next_change_and_only_once(
    office: Office, is_cancelled: bool
) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")

    await quietly(office, made, FieldChanges(), remove=(ola.id,))
    quiet = await office.told(office.ola)
    if not is_cancelled:
        await office.update(made, is_completed=True)
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert quiet == [INVITED]
    assert await office.told(office.ola) == [INVITED, REMOVED]


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (ParticipantStatus.ACCEPTED, ACCEPTED, None),
        (ParticipantStatus.TENTATIVE, TENTATIVE, None),
        (ParticipantStatus.DECLINED, DECLINED, "syk"),
    ],
)
async def test_the_owner_is_told_of_an_answer_and_of_the_reason_for_declining(
    office: Office, status: ParticipantStatus, kind: NotificationKind, reason: str | None
) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")

    await respond_to_invitation(office.house, office.ola, Answer(ola.id, status, "syk"))

    told = await last(office, office.kari)
    assert (told.kind, told.comment, told.participant_id, told.actor) == (kind, reason, ola.id, "Ola Åsen")


async def test_the_same_answer_again_and_a_look_tell_the_owner_nothing_more(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")

    await mark_invitation_seen(office.house, office.ola, ola.id)
    for _ in range(2):
        await respond_to_invitation(office.house, office.ola, Answer(ola.id, ParticipantStatus.ACCEPTED))

    assert await office.told(office.kari) == [ACCEPTED]


async def test_what_the_owner_sets_on_behalf_is_told_to_nobody(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")

    await set_participant_status(office.house, office.kari, StatusChoice(ola.id, ParticipantStatus.DECLINED))

    assert [await office.told(one) for one in (office.kari, office.ola)] == [[], [INVITED]]


async def test_got_it_takes_a_notification_off_the_list_and_a_repeat_changes_nothing(office: Office) -> None:
    await office.create(office.ref.ola)
    there = await last(office, office.ola)

    await acknowledge_notification(office.house, office.ola, there.id)
    first = await last(office, office.ola)
    office.clock.go_on(hours=1)
    await acknowledge_notification(office.house, office.ola, there.id)

    assert await notification_count(office.house, office.ola, unacknowledged_only=True) == 0
    assert await last(office, office.ola) == first
    assert first.acknowledged_at is not None


async def test_nobody_reads_or_acknowledges_what_somebody_else_is_told(office: Office) -> None:
    await office.create(office.ref.ola)
    there = await last(office, office.ola)

    for caller in (office.kari, office.eva, office.admin):
        assert await notifications(office.house, caller, [there.id]) == {}
        with pytest.raises(Refusal) as refused:
            await acknowledge_notification(office.house, caller, there.id)
        assert [error.code for error in refused.value.errors] == [UserErrorCode.NOT_FOUND]

    assert await notification_count(office.house, office.ola, unacknowledged_only=True) == 1


async def test_a_stranger_has_no_notifications_to_acknowledge(office: Office) -> None:
    await office.create(office.ref.ola)
    there = await last(office, office.ola)

    with pytest.raises(Refusal) as refused:
        await acknowledge_notification(office.house, office.stranger, there.id)

    assert [error.code for error in refused.value.errors] == [UserErrorCode.FORBIDDEN]


async def test_pages_hold_every_notification_once_newest_first_also_at_one_moment(office: Office) -> None:
    for number in range(5):
        await office.create(office.ref.ola, title=str(number))
    found: list[str] = []
    after: str | None = None

    while True:
        page = await notification_page(office.house, office.ola, PageAsk(2, after), unacknowledged_only=False)
        found.extend(one.title for one in page.items)
        if not page.has_next:
            break
        after = page.cursors[-1]

    assert found == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("language", "zone", "message"),
    [
        (Language.EN, "Europe/Oslo", "Kari Nordmann cancelled “Budget”, 1 Dec 2026 09:00. Snow"),
        (Language.NB, "Europe/Oslo", "Kari Nordmann avlyste «Budget», 1. des. 2026 09:00. Snow"),
        (Language.EN, "Asia/Tokyo", "Kari Nordmann cancelled “Budget”, 1 Dec 2026 17:00. Snow"),
    ],
)
async def test_a_notification_is_said_in_the_readers_language_and_zone(
    office: Office, language: Language, zone: str, message: str
) -> None:
    made = await office.create(office.ref.ola)

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made, "Snow"))

    assert message_of(await last(office, office.ola), language, zone) == message


@pytest.mark.parametrize("zone", ["Europe/Oslo", "Pacific/Honolulu", "Asia/Tokyo"])
async def test_of_what_lasts_all_day_the_day_is_said_wherever_it_is_read(office: Office, zone: str) -> None:
    await office.create(office.ref.ola, start="2026-12-01T00:00", is_all_day=True)

    said = message_of(await last(office, office.ola), Language.EN, zone)

    assert said == "Kari Nordmann invites you to “Budget”, 1 Dec 2026."


async def test_a_title_full_of_braces_is_said_as_it_is(office: Office) -> None:
    await office.create(office.ref.ola, title="{actor} {0} %s")

    assert "“{actor} {0} %s”" in message_of(await last(office, office.ola), Language.EN, "Europe/Oslo")


@pytest.mark.parametrize("kind", NotificationKind)
async def test_every_kind_has_words_of_its_own_in_both_languages(office: Office, kind: NotificationKind) -> None:
    await office.create(office.ref.ola)
    there = await last(office, office.ola)

    said = {
        message_of(_of_kind(there, one), language, "Europe/Oslo") for one in (kind, INVITED) for language in Language
    }

    assert len(said) == (2 if kind is INVITED else 4)


async def tell(office: Office, made: FollowUpId, *senders: str) -> None:
    """Doubtful answers come in, one of each sender."""
    follow_up = await office.follow_up(made)
    async with office.house.database.write() as connection:
        for sender in senders:
            await tell_owner_once(
                connection, follow_up, NotificationKind.UNVERIFIED_ANSWER, None, sender, None, office.clock()
            )


async def test_a_flood_under_many_names_ends_and_goes_on_once_one_is_acknowledged(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_WAITING", 3)
    made, other = await office.create(office.ref.ola), await office.create(office.ref.ola)

    await tell(office, made, "a", "a", "b", "c", "d", "e")
    await tell(office, other, "a")

    assert len(await office.told(office.kari)) == 3 + 1
    await acknowledge_notification(office.house, office.kari, (await last(office, office.kari)).id)
    await tell(office, other, "a")
    assert len(await office.told(office.kari)) == 3 + 1 + 1


async def test_what_waits_for_an_owner_is_found_by_its_index(office: Office) -> None:
    made = await office.create(office.ref.ola)
    await tell(office, made, *map(str, range(100)))
    database, sent = office.house.database, list[tuple[str, Any]]()
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_: sent.append((statement, values)),
    )

    await tell(office, made, "a")

    ((statement, values),) = [one for one in sent if "EXISTS" in one[0] and "notification" in one[0]]
    async with database.write() as connection:
        if not database.is_sqlite:
            # So few rows are read faster than any index; what counts is that the index can be used.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = await connection.exec_driver_sql(f"{how} {statement}", values)
        assert "\n".join(str(row[-1]) for row in plan).count("ix_notification_waiting") == 2


def _of_kind(there: Notification, kind: NotificationKind) -> Notification:
    return Notification(**{name: getattr(there, name) for name in there.__slots__} | {"kind": kind})
