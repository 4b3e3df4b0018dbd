"""The GraphQL API: types, resolvers and payloads, one file a noun. Resolvers translate; services decide."""

from invito.schema.build import build_schema
from invito.schema.context import Context

__all__ = ["Context", "build_schema"]
