"""A plugin of the tests: its fields note that they were asked, so that it shows whether anything was carried out."""

import strawberry
from strawberry.scalars import JSON

from invito.plugins import hookimpl
from invito.plugins.graphql_types import GraphQLTypes

calls: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def recorded(self, value: JSON | None = None) -> int:
        """Takes whatever a literal or a variable can be, however deep."""
        calls.append("recorded")
        return 7


@hookimpl
def invito_graphql_types() -> GraphQLTypes:
    return GraphQLTypes(query=Query)
