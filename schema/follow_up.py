"""A follow-up: an appointment, a task or a phone call."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from invito.schema.connections import After, Connection, First
from invito.schema.email_invitation import EmailInvitationControl
from invito.schema.employee import Employee
from invito.schema.fields import resolved
from invito.schema.ids import global_id
from invito.schema.left_out import named
from invito.schema.loaders import RosterAsk
from invito.schema.node import Node
from invito.schema.operation import Info
from invito.schema.participant import Participant
from invito.schema.scalars import TimeZone
from invito.services.follow_ups import values
from invito.services.follow_ups.envelopes import email_control
from invito.services.follow_ups.values import FollowUpType, ParticipantStatus, Priority, ShowAs, Visibility
from invito.services.follow_ups.visibility import may_edit
from invito.services.invitations import participant_pages
from invito.services.itip.invitation import invitation_object
from invito.services.paging import PageAsk


@strawberry.type(description="How many participants stand where, without the owner.")
class StatusCounts:
    total: int = strawberry.field(description="All participants but the owner.")
    not_seen: int = strawberry.field(description="Those who have not looked at the invitation yet.")
    seen: int = strawberry.field(description="Those who have seen it and not answered.")
    accepted: int = strawberry.field(description="Those who accepted.")
    tentative: int = strawberry.field(description="Those who may come.")
    declined: int = strawberry.field(description="Those who declined.")
    conflicts: int = strawberry.field(description="Those who are busy with something else at that time.")
    email_active: int = strawberry.field(description="Those who get the invitation by e-mail.")

    @classmethod
    def of(cls, counts: participant_pages.StatusCounts) -> Self:
        return cls(
            total=counts.total,
            not_seen=counts.not_seen,
            seen=counts.seen,
            accepted=counts.accepted,
            tentative=counts.tentative,
            declined=counts.declined,
            conflicts=counts.conflicts,
            email_active=counts.email_active,
        )


@strawberry.type(description="An appointment, a task or a phone call, and those who take part.")
class FollowUp(Node):
    type: FollowUpType = strawberry.field(description="What sort of follow-up it is.")
    title: str = strawberry.field(description="What it is about.")
    description: str | None = strawberry.field(description="More about it.")
    start: datetime = strawberry.field(description="When it begins.")
    end: datetime = strawberry.field(
        description="When it is over. Exclusive. All day: midnight to midnight in its time zone."
    )
    time_zone: TimeZone = strawberry.field(description="The time zone that its times were meant in.")
    is_all_day: bool = strawberry.field(description="Whether it lasts whole days.")
    location: str | None = strawberry.field(description="Where it takes place.")
    priority: Priority = strawberry.field(description="How important it is.")
    show_as: ShowAs = strawberry.field(description="Whether it makes its participants busy.")
    visibility: Visibility = strawberry.field(description="Who sees it besides its owner and its invitees.")
    is_completed: bool = strawberry.field(description="Whether it is done.")
    is_cancelled: bool = strawberry.field(description="Whether it was cancelled: it stays, and changes no more.")
    version: int = strawberry.field(
        description="Rises when its fields, the list of participants or an e-mail choice change: a mutation that names "
        "an older one is refused (STALE_VERSION, with the present state), and nothing is lost."
    )
    revision: int = strawberry.field(
        description="Rises with everything that is shown, answers and 'seen' too: puts what arrives in order."
    )
    uid: str = strawberry.field(description="The iCalendar UID.")
    sequence: int = strawberry.field(
        description=(
            "The iCalendar SEQUENCE: rises when time or place change, a participant is removed or comes back, and with "
            "cancelling. Whoever is told nothing of that gets it with the next mail."
        )
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When anything that is shown last changed.")
    known: strawberry.Private[values.FollowUp]

    @resolved(description="The employee whose follow-up it is: the only one who may change it.")
    def owner(self) -> Employee:
        return Employee.of(self.known.owner)

    @resolved(description="The iCalendar object that invitees get.")
    async def icalendar(self, info: Info) -> str:
        everyone = PageAsk(info.context.house.rules.most_participants)
        roster = await info.context.loaders.rosters.load(RosterAsk(self.known.id, None, everyone))
        return invitation_object(self.known, roster.items, info.context.house.rules.mail_from)

    @resolved(description="Who takes part: the owner first, then in the order in which they were invited.")
    async def participants(
        self,
        info: Info,
        status: Annotated[
            ParticipantStatus | None, strawberry.argument(description="Only those whose invitation stands there.")
        ] = strawberry.UNSET,
        first: First = 100,
        after: After = strawberry.UNSET,
    ) -> Connection[Participant]:
        loaders, number, wanted = info.context.loaders, self.known.id, named(status)
        page = await loaders.rosters.load(RosterAsk(number, wanted, info.context.page_ask(first, after, 100)))
        return Connection.of(page, Participant.of, lambda: loaders.roster_counts.load((number, wanted)))

    @resolved(description="How many participants stand where. Without the owner.")
    async def status_counts(self, info: Info) -> StatusCounts:
        return StatusCounts.of(await info.context.loaders.status_counts.load(self.known.id))

    @resolved(description="Whether anyone who takes part is busy with something else at that time.")
    async def has_conflict(self, info: Info) -> bool:
        return bool(await info.context.loaders.conflicting.load(self.known.id))

    @resolved(description="Whether the E-mail invitation button works on this follow-up.")
    def email_invitations(self, info: Info) -> EmailInvitationControl:
        return EmailInvitationControl.of(email_control(info.context.caller, self.known))

    @resolved(description="Whether the viewer may change it: its owner, as long as it is not cancelled.")
    def can_edit(self, info: Info) -> bool:
        return may_edit(info.context.caller, self.known)

    @resolved(
        description="Its page in the application, made from a template in the settings; mails and notifications link "
        "there."
    )
    def url(self, info: Info) -> str | None:
        template = info.context.house.rules.follow_up_url
        return None if template is None else template.replace("{id}", self.id)

    @classmethod
    def of(cls, follow_up: values.FollowUp) -> Self:
        return cls(
            id=global_id("FollowUp", follow_up.id),
            type=follow_up.type,
            title=follow_up.title,
            description=follow_up.description,
            start=follow_up.start,
            end=follow_up.end,
            time_zone=TimeZone(follow_up.time_zone),
            is_all_day=follow_up.is_all_day,
            location=follow_up.location,
            priority=follow_up.priority,
            show_as=follow_up.show_as,
            visibility=follow_up.visibility,
            is_completed=follow_up.is_completed,
            is_cancelled=follow_up.is_cancelled,
            version=follow_up.version,
            revision=follow_up.revision,
            uid=follow_up.uid,
            sequence=follow_up.sequence,
            created_at=follow_up.created_at,
            updated_at=follow_up.updated_at,
            known=follow_up,
        )
