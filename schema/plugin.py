"""Plugins, as clients see them."""

from typing import Self

import strawberry

from invito.plugins.circuit_breaker import SourceHealth
from invito.schema.ids import global_id
from invito.services.known_plugins import KnownPlugin


@strawberry.type(description="What brings a source or hooks: built in, or a third party's.")
class Plugin:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
    name: str = strawberry.field(description="The plugin's name.")
    version: str | None = strawberry.field(description="The version of its package.")
    summary: str | None = strawberry.field(
        description="What its package says of itself; of one that could not be loaded, why."
    )
    is_built_in: bool = strawberry.field(description="Whether it comes with Invito.")
    hooks: list[str] = strawberry.field(description="The hooks that it implements, by name.")
    health: SourceHealth = strawberry.field(description="How the last calls of its hooks and sources went.")

    @classmethod
    def of(cls, plugin: KnownPlugin) -> Self:
        return cls(
            id=global_id("Plugin", plugin.name),
            name=plugin.name,
            version=plugin.version,
            summary=plugin.summary,
            is_built_in=plugin.is_built_in,
            hooks=list(plugin.hooks),
            health=plugin.health,
        )
