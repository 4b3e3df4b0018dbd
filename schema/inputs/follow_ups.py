"""Follow-ups as clients create, change, cancel and look for them."""

import strawberry

from invito.schema.ids import number_in
from invito.schema.inputs.participants import InviteeInput, ParticipantChangesInput, ParticipantInput, TimeSpanInput
from invito.schema.left_out import kept, named
from invito.schema.scalars import Duration, TimeZone, TypedDateTime
from invito.services.follow_ups.commands import (
    CancelFollowUp,
    CreateFollowUp,
    FieldChanges,
    NotifyInvitees,
    ParticipantChanges,
    UpdateFollowUp,
)
from invito.services.follow_ups.values import FollowUpType, Priority, ShowAs, Visibility
from invito.services.ids import FollowUpId
from invito.services.invitations import follow_up_pages

EXPECTED_VERSION = "The `version` that the person saw: if it is an older one, STALE_VERSION and nothing happens."
NOTIFY = "Whether the invitees are told. NONE saves quietly: a later change carries it along."
IDEMPOTENCY_KEY = "Any text that is new for each thing done: a repeat with the same text answers as the first did."


def follow_up_number(id_: str) -> FollowUpId:
    return FollowUpId(number_in("FollowUp", id_))


@strawberry.input(description="A follow-up to create; the viewer is its owner.")
class CreateFollowUpInput:
    type: FollowUpType = strawberry.field(description="What sort of follow-up it is.")
    title: str = strawberry.field(description="What it is about: up to 300 characters.")
    start: TypedDateTime = strawberry.field(description="When it begins: for all day, a day alone will do.")
    end: TypedDateTime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When it is over: exclusive. Or `duration`; an hour after start where both are left out, the next "
        "midnight for all day. For all day it may be a day alone, the one after the last: 2026-12-03 for what lasts "
        "the 1st and the 2nd.",
    )
    duration: Duration | None = strawberry.field(
        default=strawberry.UNSET,
        description="How long it lasts, or `end`. P1D is a day of the calendar, PT24H is not.",
    )
    time_zone: TimeZone | None = strawberry.field(
        default=strawberry.UNSET, description="The time zone that its times are meant in; the viewer's where left out."
    )
    is_all_day: bool | None = strawberry.field(
        default=False, description="Whether it lasts whole days: midnight to midnight in its time zone."
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="More about it: up to 10,000 characters."
    )
    location: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where it takes place; an invited location fills it where it is empty.",
    )
    priority: Priority | None = strawberry.field(default=Priority.MEDIUM, description="How important it is.")
    show_as: ShowAs | None = strawberry.field(
        default=ShowAs.BUSY, description="Whether it makes its participants busy."
    )
    visibility: Visibility | None = strawberry.field(
        default=Visibility.ALL, description="Who sees it besides its owner and its invitees."
    )
    invitees: list[InviteeInput] | None = strawberry.field(
        default_factory=list, description="Who to invite: up to 1,000."
    )
    with_open_overviews: bool | None = strawberry.field(
        default=True, description="Take in those whose overviews the viewer has open."
    )
    email_invitations: bool | None = strawberry.field(
        default=False, description="Turn e-mail invitations on for everyone who can get one, except the viewer."
    )
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> CreateFollowUp:
        return CreateFollowUp(
            type=self.type,
            title=self.title,
            start=self.start,
            end=named(self.end),
            duration=named(self.duration),
            time_zone=named(self.time_zone),
            is_all_day=bool(self.is_all_day),
            description=named(self.description),
            location=named(self.location),
            priority=self.priority or Priority.MEDIUM,
            show_as=self.show_as or ShowAs.BUSY,
            visibility=self.visibility or Visibility.ALL,
            invitees=tuple(invitee.wish() for invitee in self.invitees or ()),
            with_open_overviews=self.with_open_overviews is not False,
            email_invitations=bool(self.email_invitations),
            idempotency_key=named(self.idempotency_key),
        )


@strawberry.input(description="What to change in a follow-up: a field left out keeps what is there, null clears it.")
class UpdateFollowUpInput:
    id: strawberry.ID = strawberry.field(description="Which follow-up.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is about: up to 300 characters, and not to be cleared."
    )
    start: TypedDateTime | None = strawberry.field(
        default=strawberry.UNSET, description="When it begins; the end moves along where only the start is named."
    )
    end: TypedDateTime | None = strawberry.field(default=strawberry.UNSET, description="When it is over: exclusive.")
    time_zone: TimeZone | None = strawberry.field(
        default=strawberry.UNSET, description="The time zone that its times are meant in."
    )
    is_all_day: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether it lasts whole days.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="More about it: up to 10,000 characters."
    )
    location: str | None = strawberry.field(default=strawberry.UNSET, description="Where it takes place.")
    priority: Priority | None = strawberry.field(default=strawberry.UNSET, description="How important it is.")
    show_as: ShowAs | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it makes its participants busy."
    )
    visibility: Visibility | None = strawberry.field(
        default=strawberry.UNSET, description="Who sees it besides its owner and its invitees."
    )
    is_completed: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether it is done.")
    participants: ParticipantChangesInput | None = strawberry.field(
        default=strawberry.UNSET, description="What to change in the list of participants, in the same step."
    )
    notify: NotifyInvitees | None = strawberry.field(default=NotifyInvitees.ALL, description=NOTIFY)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> UpdateFollowUp:
        participants = named(self.participants)
        return UpdateFollowUp(
            id=follow_up_number(self.id),
            fields=FieldChanges(
                title=kept(self.title),
                start=kept(self.start),
                end=kept(self.end),
                time_zone=kept(self.time_zone),
                is_all_day=kept(self.is_all_day),
                description=kept(self.description),
                location=kept(self.location),
                priority=kept(self.priority),
                show_as=kept(self.show_as),
                visibility=kept(self.visibility),
                is_completed=kept(self.is_completed),
            ),
            participants=ParticipantChanges() if participants is None else participants.changes(),
            notify=self.notify or NotifyInvitees.ALL,
            expected_version=named(self.expected_version),
            idempotency_key=named(self.idempotency_key),
        )


@strawberry.input(description="A follow-up to cancel: its invitees are told, and it stays as it is.")
class CancelFollowUpInput:
    id: strawberry.ID = strawberry.field(description="Which follow-up.")
    expected_version: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_VERSION)
    comment: str | None = strawberry.field(default=strawberry.UNSET, description="What the invitees are told besides.")
    notify: NotifyInvitees | None = strawberry.field(default=NotifyInvitees.ALL, description=NOTIFY)
    idempotency_key: str | None = strawberry.field(default=strawberry.UNSET, description=IDEMPOTENCY_KEY)

    def command(self) -> CancelFollowUp:
        return CancelFollowUp(
            follow_up_number(self.id),
            named(self.comment),
            self.notify or NotifyInvitees.ALL,
            named(self.expected_version),
            named(self.idempotency_key),
        )


@strawberry.input(description="Which follow-ups: those to which all that is named applies.")
class FollowUpFilter:
    updated_since: TypedDateTime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Those that changed at this time or later. A change is there to be read a moment after its "
        "`updatedAt`, and servers' clocks differ a little: to miss none, ask from a minute before the last time you "
        "asked, and know what you have already by its `revision`.",
    )
    owned_by_viewer: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: the viewer's own. False: others'."
    )
    type: FollowUpType | None = strawberry.field(default=strawberry.UNSET, description="Those of this sort.")
    during: TimeSpanInput | None = strawberry.field(
        default=strawberry.UNSET, description="Those that share a moment with this span."
    )
    is_completed: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: those that are done. False: those that are not."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Those with these prefixes of words in their title."
    )
    participant: ParticipantInput | None = strawberry.field(
        default=strawberry.UNSET, description="Those that this one takes part in."
    )

    def asked(self) -> follow_up_pages.FollowUpFilter:
        during, participant = named(self.during), named(self.participant)
        return follow_up_pages.FollowUpFilter(
            updated_since=named(self.updated_since),
            owned_by_viewer=named(self.owned_by_viewer),
            type=named(self.type),
            during=None if during is None else during.typed(),
            is_completed=named(self.is_completed),
            search=named(self.search),
            participant=None if participant is None else participant.who(),
        )
