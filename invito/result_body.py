"""A result as it goes out, over whichever transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.http import GraphQLHTTPResponse, process_result

from invito.schema.errors import answered
from invito.schema.given_up import GivenUp


@dataclass(frozen=True, slots=True)
class Written:
    """What a client gets, and the same as JSON."""

    body: Mapping[str, Any]
    json: bytes


def body_of(result: Any) -> GraphQLHTTPResponse:
    """The result; what was refused before it was carried out has no data at all, not even null (GraphQL §7.1)."""
    body = process_result(result)
    was_begun = isinstance(result, GivenUp) or any(error.path for error in result.errors or ())
    if result.data is None and not was_begun:
        del body["data"]
    return body


def written(body: Mapping[str, Any], options: int | None = None) -> Written:
    """The body, or INTERNAL in its place where JSON cannot hold it; `options` are those of orjson.

    A plugin's value is told at its field before (schema/checked_leaves.py). What is left are extensions of its errors,
    and mistakes of ours. What was carried out has data then too, null: without any, a client would take it for undone.
    """
    try:
        return Written(body, orjson.dumps(body, option=options))
    except orjson.JSONEncodeError as problem:
        error = answered(GraphQLError("A result cannot be written.", original_error=problem))
        told = {"data": None} if "data" in body else {}
        instead = told | {"errors": [error.formatted]}
        return Written(instead, orjson.dumps(instead, option=options))
