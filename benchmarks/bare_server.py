"""Starlette with the bare driver and orjson, beside which Invito's pages are measured: URL and port as arguments."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.bare import Bare
from invito.services.addresses import is_valid_address


def application(bare: Bare) -> Starlette:
    """Answers `/page` with the same ten fields, and `/invite` by the same rows."""

    async def page(request: Request) -> Response:
        asked = request.query_params
        key, _, number = asked.get("after", "|0").rpartition("|")
        rows = await bare.page(key, int(number), int(asked["first"]) + 1)
        references = [f"employee:{row[0]}" for row in rows[: int(asked["first"])]]
        busy: dict[str, list[Any]] = {}
        for reference, _, start, end, _ in await bare.busy(references, int(asked["start"]), int(asked["end"])):
            busy.setdefault(reference, []).append({"start": start, "end": end})
        nodes = [
            {
                "reference": reference, "kind": "EMPLOYEE", "name": row[1], "email": row[3],
                "canReceiveEmail": is_valid_address(row[3]), "organization": None, "title": row[4],
                "availability": {"state": "BUSY" if reference in busy else "FREE",
                                 "conflicts": busy.get(reference, [])},
                "isInvited": False, "isAvailableAsParticipant": True,
            }
            for reference, row in zip(references, rows, strict=False)
        ]  # fmt: skip
        last = rows[len(nodes) - 1]
        return Response(orjson.dumps({"nodes": nodes, "endCursor": f"{last[2]}|{last[0]}"}))

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
