"""Where participants are taken from: sources, their containers, and the plugins that bring them."""

from typing import Annotated, Self

import strawberry

from invito.plugins import contract
from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import ContainerKind, Language
from invito.schema.connections import After, First, WarnedConnection, page_info, warnings_of
from invito.schema.fields import resolved
from invito.schema.ids import global_id
from invito.schema.left_out import named
from invito.schema.operation import Info
from invito.schema.plugin import Plugin
from invito.schema.selection import selects
from invito.services.participants.containers import containers
from invito.services.participants.sources import OfferedSource

_IN_LANGUAGE = "In this language; the viewer's where it is left out."
InLanguage = Annotated[Language | None, strawberry.argument(description=_IN_LANGUAGE)]


@strawberry.type(
    description="A pluggable place to take participants from: employees, company_person, project, selection, resource, "
    "or a third party's."
)
class ParticipantSource:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
    key: str = strawberry.field(description="What the source is known by, for ever.")
    offers_all: bool = strawberry.field(description="All may be chosen in place of one container.")
    is_searchable: bool = strawberry.field(
        description="There are too many containers to choose from without searching; without a search they are listed "
        "by name all the same."
    )
    is_enabled: bool = strawberry.field(description="Whether it is offered; an administrator switches it on and off.")
    plugin: Plugin = strawberry.field(description="The plugin that brings it.")
    health: SourceHealth = strawberry.field(description="Whether it answers.")
    known: strawberry.Private[OfferedSource]

    @resolved(description="What the source is called in 'Select from'.")
    def label(self, info: Info, language: InLanguage = strawberry.UNSET) -> str:
        return self.known.label.in_language(named(language) or info.context.caller.language)

    @resolved(
        description="What its containers are called: user group, company or person, project, selection, resource group."
    )
    def container_label(self, info: Info, language: InLanguage = strawberry.UNSET) -> str:
        return self.known.container_label.in_language(named(language) or info.context.caller.language)

    @resolved(description="What All is called: All employees, Alle ressurser.")
    def all_label(self, info: Info, language: InLanguage = strawberry.UNSET) -> str:
        return self.known.all_label.in_language(named(language) or info.context.caller.language)

    @resolved(description="The containers to choose from, by name.")
    async def containers(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="Prefixes of words of the name; all containers without.")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> WarnedConnection["Container"]:
        ask = info.context.page_ask(first, after, 50)
        page = await containers(
            info.context.house,
            info.context.caller,
            self.key,
            named(search),
            ask,
            wants_total=selects(info, "totalCount"),
            wants_member_counts=selects(info, "memberCount"),
        )
        return WarnedConnection(
            nodes=[Container.of(container, self) for container in page.items],
            page_info=page_info(page),
            total=page.total,
            cursors=page.cursors,
            warnings=warnings_of(page.warnings),
        )

    @classmethod
    def of(cls, source: OfferedSource) -> Self:
        return cls(
            id=global_id("ParticipantSource", source.key),
            key=source.key,
            offers_all=source.offers_all,
            is_searchable=source.is_searchable,
            is_enabled=source.is_enabled,
            plugin=Plugin.of(source.plugin),
            health=source.health,
            known=source,
        )


@strawberry.type(
    description="A list that entries are taken from. A company lists its persons and itself, a person only that "
    "person, a project or a selection its members, a group its members."
)
class Container:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
    source: ParticipantSource = strawberry.field(description="The source that it belongs to.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What tells it from others of the same name.")
    kind: ContainerKind = strawberry.field(description="What sort of list it is.")
    member_count: int | None = strawberry.field(
        description="How many entries it lists; null where counting costs too much."
    )

    @classmethod
    def of(cls, container: contract.Container, source: ParticipantSource) -> Self:
        return cls(
            id=global_id("Container", f"{source.key}:{container.id}"),
            source=source,
            name=container.name,
            description=container.description,
            kind=container.kind,
            member_count=container.member_count,
        )
