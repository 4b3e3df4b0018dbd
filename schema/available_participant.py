"""Somebody or something that could be invited."""

from typing import Self

import strawberry

from invito.plugins.contract import ParticipantKind
from invito.schema.availability import Availability
from invito.schema.connections import WarnedConnection, page_info, warnings_of
from invito.schema.fields import resolved
from invito.schema.operation import Info
from invito.schema.participant_source import ParticipantSource
from invito.services.participants.listing import ListedEntry, ListedPage


@strawberry.type(
    description="Somebody or something that could be invited. It has a `reference` and no `id`, so that client caches "
    "do not mix up the availabilities that were asked for at different times."
)
class AvailableParticipant:
    reference: strawberry.ID = strawberry.field(
        description="Opaque; the same in whichever source the entry is found, and the same as the participant's once "
        "invited."
    )
    kind: ParticipantKind = strawberry.field(description="What sort of participant it is.")
    name: str = strawberry.field(description="The name.")
    email: str | None = strawberry.field(description="The e-mail address, as the source knows it.")
    can_receive_email: bool = strawberry.field(
        description="False where there is no valid e-mail address, so that an e-mail invitation cannot be turned on. "
        "A resource never gets mail."
    )
    organization: str | None = strawberry.field(description="The company that a person belongs to.")
    title: str | None = strawberry.field(description="What the person does there.")
    availability: Availability = strawberry.field(description="Whether the entry is free at the time asked about.")
    is_invited: bool = strawberry.field(
        description="Whether the entry is invited already to the follow-up asked about."
    )
    is_available_as_participant: bool = strawberry.field(
        description="Always true but for administrators who ask for the others too."
    )

    @resolved(
        description="The source that lists the entry. Null for a typed e-mail address, and where the plugin is gone."
    )
    async def source(self, info: Info) -> ParticipantSource | None:
        found = await info.context.loaders.source(info.context.house.plugins.source_key_of(self.reference))
        return None if found is None else ParticipantSource.of(found)

    @classmethod
    def of(cls, listed: ListedEntry) -> Self:
        entry = listed.entry
        return cls(
            reference=strawberry.ID(entry.reference),
            kind=entry.kind,
            name=entry.name,
            email=entry.email,
            can_receive_email=listed.can_receive_email,
            organization=entry.organization,
            title=entry.title,
            availability=Availability.of(listed.availability),
            is_invited=listed.is_invited,
            is_available_as_participant=listed.is_available,
        )


def available_connection(page: ListedPage) -> WarnedConnection[AvailableParticipant]:
    return WarnedConnection(
        nodes=[AvailableParticipant.of(listed) for listed in page.items],
        page_info=page_info(page),
        total=page.total,
        cursors=page.cursors,
        warnings=warnings_of(page.warnings),
    )
