"""Starlette with the bare driver and orjson, beside which Invito's pages are measured: URL and port as arguments."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.bare import Bare
from benchmarks.rows import available


def application(bare: Bare) -> Starlette:
    """Answers `/page` with the same ten fields, and `/invite` by the same rows."""

    async def page(request: Request) -> Response:
        asked = request.query_params
        nodes, cursor = await available(
            bare, int(asked["first"]), asked.get("after"), int(asked["start"]), int(asked["end"])
        )
        return Response(orjson.dumps({"nodes": nodes, "endCursor": cursor}))

    async def invite(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        await bare.invite(asked["followUp"], asked["references"])
        return Response(b"{}")

    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        await bare.open()
        yield
        await bare.close()

    return Starlette(
        routes=[Route("/page", page), Route("/invite", invite, methods=["POST"])],
        lifespan=opened,
    )


if __name__ == "__main__":
    # By uvicorn itself, so that both servers run on the same event loop.
    uvicorn.run(application(Bare(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
