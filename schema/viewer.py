"""Who is asking."""

from typing import Annotated, Self

import strawberry

from invito.plugins.contract import Language
from invito.schema.available_participant import AvailableParticipant
from invito.schema.connections import After, Connection, First
from invito.schema.email_invitation import EmailInvitationControl
from invito.schema.employee import Employee
from invito.schema.fields import resolved
from invito.schema.ids import global_id
from invito.schema.mailbox import Mailbox
from invito.schema.notification import Notification
from invito.schema.operation import Info
from invito.schema.scalars import TimeZone
from invito.services.caller import Caller
from invito.services.employees import employee_of
from invito.services.follow_ups.envelopes import email_control
from invito.services.mailboxes.reading import mailbox_seen_by
from invito.services.notifications.reading import notification_count, notification_page
from invito.services.participants.overviews import open_overviews


@strawberry.type(description="Who is asking, and what they may do.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
    employee: Employee | None = strawberry.field(
        description="The employee who asks; null for an address that no employee has: then lists are empty and nothing "
        "is found."
    )
    language: Language = strawberry.field(description="The language of the texts that the viewer gets.")
    time_zone: TimeZone = strawberry.field(description="The time zone of times that are typed without one.")
    is_administrator: bool = strawberry.field(description="Whether the viewer administers the sources.")

    @resolved(description="Whether the viewer can turn e-mail invitations on, on a follow-up of their own.")
    def email_invitations(self, info: Info) -> EmailInvitationControl:
        return EmailInvitationControl.of(email_control(info.context.caller))

    @resolved(
        description="The overviews (calendars of other users and of resources) that the viewer has open: whose they "
        "are is taken into every follow-up that the viewer creates meanwhile."
    )
    async def open_overviews(self, info: Info) -> list[AvailableParticipant]:
        found = await open_overviews(info.context.house, info.context.caller)
        return [AvailableParticipant.of(listed) for listed in found]

    @resolved(description="What the viewer is told, newest first.")
    async def notifications(
        self,
        info: Info,
        unacknowledged_only: Annotated[
            bool | None, strawberry.argument(description="Only those that the viewer has not acknowledged yet.")
        ] = True,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[Notification]:
        house, caller, waiting = info.context.house, info.context.caller, unacknowledged_only is not False
        ask = info.context.page_ask(first, after, 50)
        page = await notification_page(house, caller, ask, unacknowledged_only=waiting)
        return Connection.of(
            page, Notification.of, lambda: notification_count(house, caller, unacknowledged_only=waiting)
        )

    @resolved(
        description="The mailbox that the viewer's invitations go out from: their own, else the service's; null where "
        "there is neither."
    )
    async def mailbox(self, info: Info) -> Mailbox | None:
        seen = await mailbox_seen_by(info.context.house, info.context.caller)
        return None if seen is None else Mailbox.of(seen)

    @classmethod
    def of(cls, caller: Caller) -> Self:
        return cls(
            id=global_id("Viewer", caller.identity.email),
            employee=None if caller.employee is None else Employee.of(employee_of(caller.employee)),
            language=caller.language,
            time_zone=TimeZone(caller.time_zone),
            is_administrator=caller.is_administrator,
        )
