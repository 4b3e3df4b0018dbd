"""What `invito_graphql_types` brings: fields of a plugin's own beside those of the schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invito.plugins.contract import ViewerIdentity


@dataclass(frozen=True, slots=True)
class GraphQLTypes:
    """Strawberry types whose fields are added to Query and Mutation, and further types of the schema.

    Name the fields after the plugin (`hotelRooms`), so that they collide with nobody's, today or later.
    """

    query: type | None = None
    mutation: type | None = None
    types: Sequence[type] = ()


def viewer_of(info: Any) -> ViewerIdentity:
    """Who asks, within a resolver: `info` is its `strawberry.Info`."""
    identity: ViewerIdentity = info.context.caller.identity
    return identity
