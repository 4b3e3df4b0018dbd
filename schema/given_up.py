"""An operation that was begun and took too long."""

from dataclasses import dataclass

from graphql import GraphQLError
from strawberry.types import ExecutionResult


@dataclass
class GivenUp(ExecutionResult):
    """Its answer: data that is null, not left out as where nothing was carried out (GraphQL §7.1)."""

    @classmethod
    def because(cls, error: GraphQLError) -> "GivenUp":
        return cls(None, [error])
