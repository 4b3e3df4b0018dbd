"""Ariadne on uvicorn: URL and port as arguments."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from ariadne import QueryType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Route

from benchmarks.bare import Bare
from benchmarks.rows import available


def application(bare: Bare) -> Starlette:
    query = QueryType()

    @query.field("availableParticipants")
    async def resolve(_root: object, _info: object, **asked: Any) -> dict[str, Any]:
        start, end = (int(datetime.fromisoformat(asked["during"][name]).timestamp()) for name in ("start", "end"))
        nodes, cursor = await available(bare, asked["first"], asked.get("after"), start, end)
        return {"nodes": nodes, "pageInfo": {"endCursor": cursor}}

    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        await bare.open()
        yield
        await bare.close()

    types = (Path(__file__).parent / "page.graphql").read_text(encoding="utf-8")
    return Starlette(routes=[Route("/graphql", GraphQL(make_executable_schema(types, query)))], lifespan=opened)


if __name__ == "__main__":
    uvicorn.run(application(Bare(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
