"""A plugin of the tests: its fields answer what JSON cannot hold."""

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from invito.plugins import hookimpl
from invito.plugins.graphql_types import GraphQLTypes


@strawberry.type
class Half:
    """A text of half a character, as a plain attribute, among what is well."""

    text: str | None = "a\ud800"
    number: int = 7


@strawberry.type
class Query:
    @strawberry.field
    def half_a_character(self) -> str | None:
        return "a\ud800"

    @strawberry.field
    def large_number(self) -> JSON | None:
        return JSON({"number": 2**70})

    @strawberry.field
    def some_set(self) -> JSON | None:
        return JSON({1, 2})

    @strawberry.field
    def half(self) -> Half:
        return Half()

    @strawberry.field
    def halves(self) -> list[Half]:
        return [Half(text="whole"), Half()]

    @strawberry.field
    def told_wrongly(self) -> int | None:
        """Its error itself cannot be written."""
        raise GraphQLError("Full.", extensions={"code": "FULL", "rooms": {1, 2}})


@hookimpl
def invito_graphql_types() -> GraphQLTypes:
    return GraphQLTypes(query=Query)
