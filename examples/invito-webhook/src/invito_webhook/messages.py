"""What is posted: an event as JSON, and an id that the same event always has."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, TypeAlias

from invito.plugins import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged

Event: TypeAlias = EmailSent | FollowUpChanged | ParticipantsInvited | ParticipantsRemoved | StatusChanged
EventType: TypeAlias = Literal[
    "email.sent", "follow_up.changed", "participants.invited", "participants.removed", "status.changed"
]
EVENT_TYPES: dict[type[Event], EventType] = {
    EmailSent: "email.sent",
    FollowUpChanged: "follow_up.changed",
    ParticipantsInvited: "participants.invited",
    ParticipantsRemoved: "participants.removed",
    StatusChanged: "status.changed",
}


@dataclass(frozen=True, slots=True)
class Message:
    """`body` is what is signed and posted, letter by letter the same each time."""

    id: str
    type: str
    follow_up_uid: str
    occurred_at: datetime
    body: str


def message_of(event: Event) -> Message:
    """An event that is told again, after a crash, is the same message."""
    data = asdict(event)
    occurred_at = data.pop("occurred_at").astimezone(UTC)
    return _message(EVENT_TYPES[type(event)], event.follow_up_uid, occurred_at, data)


def trial_message(now: datetime) -> Message:
    """One that says nothing, of the type `webhook.test`."""
    return _message("webhook.test", "", now.astimezone(UTC), {})


def _message(kind: str, follow_up_uid: str, occurred_at: datetime, data: dict[str, object]) -> Message:
    timestamp = occurred_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = json.dumps({"type": kind, "timestamp": timestamp, "data": data}, ensure_ascii=False, separators=(",", ":"))
    return Message(f"msg_{sha256(body.encode()).hexdigest()[:32]}", kind, follow_up_uid, occurred_at, body)
