"""The dialog through the Python client, as it is made, against a running service: `dialog.py URL`."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from invito_client import (
    CreateFollowUpInput,
    FollowUpType,
    InviteeInput,
    InvitoClient,
    ParticipantInput,
    ParticipantStatus,
    SetParticipantStatusInput,
    TimeSpanInput,
)

VIEWER = {"X-Invito-Viewer": "kari.nordmann@nordlys.example"}
START = datetime(2031, 3, 4, 10, tzinfo=UTC)
END = START + timedelta(hours=1)


async def choose_invite_and_watch(url: str) -> None:
    client = InvitoClient(
        url,
        headers=VIEWER,
        ws_url=url.replace("http", "ws", 1),
        ws_connection_init_payload=VIEWER,
    )
    async with client:
        during = TimeSpanInput(start=START, end=END)
        page = (await client.available_participants(source="employees", during=during, first=3)).available_participants
        invitee = ParticipantInput(reference=page.nodes[0].reference)
        made = await client.create_follow_up(
            CreateFollowUpInput(
                type=FollowUpType.APPOINTMENT,
                title="Typed",
                start=START,
                end=END,
                invitees=[InviteeInput(participant=invitee)],
            )
        )
        follow_up = made.create_follow_up.follow_up
        assert follow_up is not None, made.create_follow_up.errors
        (theirs,) = [one for one in follow_up.participants.nodes if one.reference == invitee.reference]

        events = client.follow_up_changed(follow_up.id)
        first = await anext(events)
        assert first.follow_up_changed.status_counts.accepted == 0
        await client.set_participant_status(
            SetParticipantStatusInput(participantId=theirs.id, status=ParticipantStatus.ACCEPTED)
        )
        second = await anext(events)
        assert second.follow_up_changed.status_counts.accepted == 1
        assert second.follow_up_changed.revision > first.follow_up_changed.revision
        await events.aclose()


async def mend(url: str) -> None:
    async with InvitoClient(url, headers=VIEWER) as client:
        refused = await client.create_follow_up(
            CreateFollowUpInput(type=FollowUpType.TASK, title="", start=START, end=END)
        )
        assert [one.path for one in refused.create_follow_up.errors] == [["title"]]


asyncio.run(choose_invite_and_watch(sys.argv[1]))
asyncio.run(mend(sys.argv[1]))
