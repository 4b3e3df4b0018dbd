"""A result as it goes out over HTTP."""

from typing import Any

from strawberry.http import GraphQLHTTPResponse, process_result

from invito.schema.given_up import GivenUp


def body_of(result: Any) -> GraphQLHTTPResponse:
    """The result; what was refused before it was carried out has no data at all, not even null (GraphQL §7.1)."""
    body = process_result(result)
    was_begun = isinstance(result, GivenUp) or any(error.path for error in result.errors or ())
    if result.data is None and not was_begun:
        del body["data"]
    return body
