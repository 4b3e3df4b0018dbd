"""Finding things again by their ids, and who asks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from invito.schema.employee import Employee
from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.ids import number_in, split
from invito.schema.inbound_message import InboundMessage, message_number
from invito.schema.inputs.follow_ups import follow_up_number
from invito.schema.inputs.participants import participant_number
from invito.schema.invitation import Invitation
from invito.schema.loaders import Loaders
from invito.schema.node import Node
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.viewer import Viewer
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.ids import ParticipantId
from invito.services.language import translate
from invito.services.notifications.values import NotificationId


@strawberry.type
class NodeQueries:
    @resolved(
        description="What has this id: a follow-up, a participant, an employee, an invitation, a notification, "
        "a mail that came in."
    )
    async def node(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its `id`.")]
    ) -> Node | None:
        found = await _node(info.context.loaders, id_)
        if found is None:
            raise not_found("id")
        return found

    @resolved(
        description="The same for many at once, in the order asked for; null for what is not there or may not be seen."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their ids: up to 500.")],
    ) -> list[Node | None]:
        return await asyncio.gather(*(_node(info.context.loaders, id_) for id_ in ids))

    @resolved(description="Who is asking, and what they may do.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.caller)


def not_found(argument: str) -> Unanswerable:
    return Unanswerable(
        UserErrorCode.NOT_FOUND, translate("There is no such thing, or you may not see it."), (argument,)
    )


async def _node(loaders: Loaders, id_: str) -> Node | None:
    find = _FINDERS.get(split(id_)[0])
    return None if find is None else await find(loaders, id_)


async def _follow_up(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.follow_up(follow_up_number(id_))
    return None if found is None else FollowUp.of(found)


async def _participant(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.participant(participant_number(id_))
    return None if found is None else Participant.of(found)


async def _employee(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.employees.load(split(id_)[1])
    return None if found is None else Employee.of(found)


async def _invitation(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.invitations.load(ParticipantId(number_in("Invitation", id_)))
    return None if found is None else Invitation.of(found)


async def _notification(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.notifications.load(NotificationId(number_in("Notification", id_)))
    return None if found is None else Notification.of(found)


async def _inbound_message(loaders: Loaders, id_: str) -> Node | None:
    found = await loaders.inbound_messages.load(message_number(id_))
    return None if found is None else InboundMessage.of(found)


_FINDERS: dict[str, Callable[[Loaders, str], Awaitable[Node | None]]] = {
    "FollowUp": _follow_up,
    "Participant": _participant,
    "Employee": _employee,
    "Invitation": _invitation,
    "Notification": _notification,
    "InboundMessage": _inbound_message,
}
