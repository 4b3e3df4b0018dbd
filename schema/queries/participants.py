"""'Select from': the sources, and who can be invited."""

from typing import Annotated

import strawberry

from invito.schema.available_participant import AvailableParticipant, available_connection
from invito.schema.connections import After, First, WarnedConnection
from invito.schema.fields import resolved
from invito.schema.ids import text_in
from invito.schema.inputs.follow_ups import follow_up_number
from invito.schema.inputs.participants import TimeSpanInput
from invito.schema.left_out import named
from invito.schema.operation import Info
from invito.schema.participant_source import ParticipantSource
from invito.schema.queries.nodes import not_found
from invito.schema.selection import selects
from invito.services.follow_ups.commands import TypedSpan
from invito.services.ids import FollowUpId
from invito.services.participants import listing, searching
from invito.services.participants.listing import AvailableAsk
from invito.services.participants.sources import check_sees_disabled, lists_for, sees_disabled

During = Annotated[
    TimeSpanInput | None,
    strawberry.argument(description="With a time span, each entry tells whether it is free then."),
]
InFollowUp = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="A follow-up gives the time span where `during` is left out, never conflicts with itself, and "
        "marks who is invited already."
    ),
]


@strawberry.type
class ParticipantQueries:
    @resolved(
        description="'Select from': the sources that participants can be taken from, in the order in which they are "
        "offered."
    )
    async def participant_sources(
        self,
        info: Info,
        include_disabled: Annotated[
            bool | None, strawberry.argument(description="Those too that are switched off. For administrators.")
        ] = False,
    ) -> list[ParticipantSource]:
        caller = info.context.caller
        if include_disabled:
            check_sees_disabled(caller)
        sources = await info.context.loaders.sources.load(bool(include_disabled))
        return [ParticipantSource.of(source) for source in sources.values() if lists_for(caller)]

    @resolved(description="One source by its key.")
    async def participant_source(
        self, info: Info, key: Annotated[str, strawberry.argument(description="The source's key, such as employees.")]
    ) -> ParticipantSource | None:
        caller = info.context.caller
        found = (await info.context.loaders.sources.load(sees_disabled(caller))).get(key)
        if found is None or not lists_for(caller):
            raise not_found("key")
        return ParticipantSource.of(found)

    @resolved(
        description="The available entries of one source: of one container, or of all where the source offers All "
        "(else INVALID_INPUT)."
    )
    async def available_participants(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="The source's key.")],
        container: Annotated[
            strawberry.ID | None, strawberry.argument(description="One of the source's containers; All without.")
        ] = strawberry.UNSET,
        search: Annotated[
            str | None, strawberry.argument(description="Prefixes of words of the name; all entries without.")
        ] = strawberry.UNSET,
        during: During = strawberry.UNSET,
        follow_up: InFollowUp = strawberry.UNSET,
        include_unavailable: Annotated[
            bool | None,
            strawberry.argument(
                description="Those too that an administrator set as not available as a participant. For administrators."
            ),
        ] = False,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> WarnedConnection[AvailableParticipant]:
        chosen = named(container)
        ask = AvailableAsk(
            source=source,
            container=None if chosen is None else text_in("Container", chosen),
            search=named(search) or "",
            during=_span(during),
            follow_up=_number(follow_up),
            include_unavailable=bool(include_unavailable),
            wants_total=selects(info, "totalCount"),
        )
        page = info.context.page_ask(first, after, 50)
        return available_connection(
            await listing.available_participants(info.context.house, info.context.caller, ask, page)
        )

    @resolved(
        description="One search box over every source that can be searched: people, resources, and a whole e-mail "
        "address as typed."
    )
    async def search_participants(
        self,
        info: Info,
        search: Annotated[str, strawberry.argument(description="Prefixes of words of a name, or an e-mail address.")],
        during: During = strawberry.UNSET,
        follow_up: InFollowUp = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> WarnedConnection[AvailableParticipant]:
        page = info.context.page_ask(first, after, 20)
        return available_connection(
            await searching.search_participants(
                info.context.house, info.context.caller, search, _span(during), _number(follow_up), page
            )
        )


def _span(during: TimeSpanInput | None) -> TypedSpan | None:
    given = named(during)
    return None if given is None else given.typed()


def _number(follow_up: str | None) -> FollowUpId | None:
    given = named(follow_up)
    return None if given is None else follow_up_number(given)
