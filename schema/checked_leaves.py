"""What JSON cannot hold is an error at its field, where at the end it would cost all the others."""

from typing import Any

import orjson
from graphql import GraphQLLeafType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class LeafCheckingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Writes each leaf once by itself: half a character, a number beyond 64 bits and a set are Python's alone."""

    @staticmethod
    def complete_leaf_value(return_type: GraphQLLeafType, result: Any) -> Any:
        """
        :raises orjson.JSONEncodeError: JSON cannot hold it.
        """
        value = StrawberryGraphQLCoreExecutionContext.complete_leaf_value(return_type, result)
        orjson.dumps(value)
        return value
