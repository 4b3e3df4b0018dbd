"""What invitees do (F22, F23): see an invitation, accept it, decline it with a reason, take it up again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from invito.plugins.contract import Language
from invito.services.errors import UserErrorCode
from invito.services.follow_ups.commands import Answer, StatusChoice
from invito.services.follow_ups.values import ParticipantStatus, StatusOrigin, Visibility
from invito.services.invitations.answering import mark_invitation_seen, respond_to_invitation
from invito.services.invitations.changing_one import set_participant_status
from invito.services.notifications.reading import notification_page
from invito.services.notifications.texts import message_of
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk

if TYPE_CHECKING:
    from tests.services.conftest import Office

NOT_SEEN, SEEN, ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus


async def test_opening_an_invitation_marks_it_seen_and_an_answered_one_stays(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id

    await mark_invitation_seen(office.house, office.ola, ola)
    seen = (await office.participant(made, "Ola")).status
    await respond_to_invitation(office.house, office.ola, Answer(ola, TENTATIVE))
    before = await office.state()
    await mark_invitation_seen(office.house, office.ola, ola)

    assert seen is SEEN
    assert await office.state() == before


@pytest.mark.parametrize("status", [ACCEPTED, TENTATIVE, DECLINED])
async def test_an_answer_is_kept_and_the_owner_is_told(office: Office, status: ParticipantStatus) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id

    await respond_to_invitation(office.house, office.ola, Answer(ola, status, "ill"))

    answered = await office.participant(made, "Ola")
    assert (answered.status, answered.status_origin) == (status, StatusOrigin.ANSWERED)
    assert answered.decline_reason == ("ill" if status is DECLINED else None)
    assert await office.told(office.kari) == [NotificationKind[status.name]]


async def test_the_same_answer_again_tells_nobody(office: Office) -> None:
    made = await office.create(office.ref.ola)
    answer = Answer((await office.participant(made, "Ola")).id, DECLINED, "ill")
    await respond_to_invitation(office.house, office.ola, answer)
    before = await office.state()

    await respond_to_invitation(office.house, office.ola, answer)

    assert await office.state() == before


async def test_nobody_answers_for_another(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.per)
    hidden = await office.create(office.ref.ola, visibility=Visibility.OWNER)
    ola, per = (await office.participant(made, "Ola")).id, (await office.participant(made, "Per")).id
    secret = (await office.participant(hidden, "Ola")).id

    for caller, one, code in (
        (office.kari, ola, UserErrorCode.FORBIDDEN),
        (office.eva, ola, UserErrorCode.FORBIDDEN),
        (office.ola, per, UserErrorCode.FORBIDDEN),
        (office.eva, secret, UserErrorCode.NOT_FOUND),
    ):
        answer = respond_to_invitation(office.house, caller, Answer(one, ACCEPTED))
        assert await office.refused(answer) == [(code, ("participantId",))]
        assert await office.refused(mark_invitation_seen(office.house, caller, one)) == [(code, ("participantId",))]
    stranger = respond_to_invitation(office.house, office.stranger, Answer(ola, ACCEPTED))
    assert await office.refused(stranger) == [(UserErrorCode.FORBIDDEN, ())]


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({}, datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC)),
        ({"end": "2026-12-02T00:00"}, datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC)),
        ({"is_all_day": True}, datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC)),
        ({"time_zone": "America/New_York"}, datetime(2026, 12, 3, 4, 59, 59, tzinfo=UTC)),
    ],
)
async def test_a_declined_one_is_taken_up_until_the_end_of_the_day_after_it(
    office: Office, fields: dict[str, Any], last: datetime
) -> None:
    made = await office.create(office.ref.ola, office.ref.eva, **fields)
    there = await office.participants(made)
    await respond_to_invitation(office.house, office.ola, Answer(there["Ola"].id, DECLINED))
    await respond_to_invitation(office.house, office.eva, Answer(there["Eva"].id, DECLINED))

    office.clock.present = last
    await respond_to_invitation(office.house, office.ola, Answer(there["Ola"].id, ACCEPTED))
    office.clock.go_on(seconds=1)
    late = await office.refused(respond_to_invitation(office.house, office.eva, Answer(there["Eva"].id, ACCEPTED)))

    assert late == [(UserErrorCode.INVALID_TIME, ("participantId",))]
    assert (await office.participant(made, "Ola")).status is ACCEPTED


async def test_what_was_set_on_behalf_is_answered_over(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    await set_participant_status(office.house, office.kari, StatusChoice(ola, ACCEPTED))

    await respond_to_invitation(office.house, office.ola, Answer(ola, DECLINED))

    assert (await office.participant(made, "Ola")).status is DECLINED


async def test_the_owner_is_told_when_somebody_answers_what_was_set_on_their_behalf(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    await set_participant_status(office.house, office.kari, StatusChoice(ola, ACCEPTED))

    for _ in range(2):
        await respond_to_invitation(office.house, office.ola, Answer(ola, ACCEPTED))

    assert await office.told(office.kari) == [NotificationKind.ACCEPTED]


async def test_the_owner_reads_who_declined_what_and_why_in_their_language(office: Office) -> None:
    made = await office.create(office.ref.ola, title="Møte {title}")
    answer = Answer((await office.participant(made, "Ola")).id, DECLINED, "Syk {actor}")

    await respond_to_invitation(office.house, office.ola, answer)

    page = await notification_page(office.house, office.kari, PageAsk(1), unacknowledged_only=True)
    (note,) = page.items
    assert (
        message_of(note, Language.EN, "Europe/Oslo")
        == "Ola Åsen declined “Møte {title}”, 1 Dec 2026 09:00. Syk {actor}"
    )
    assert (
        message_of(note, Language.NB, "Europe/Oslo") == "Ola Åsen avslo «Møte {title}», 1. des. 2026 09:00. Syk {actor}"
    )
