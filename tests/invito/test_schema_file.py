"""GET /schema.graphql."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.schema import build_schema
from invito.services.storage import migrating
from invito.settings import read_settings

AS_KARI = {"X-Invito-Viewer": "kari.nordmann@nordlys.example"}


async def test_the_schema_is_told_as_text_to_those_who_are_known(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> None:
    settings = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3")
    await migrating.upgrade(settings.database_url)

    async with listening(create_app(settings, demo=True)) as address, httpx2.AsyncClient() as client:
        told = await client.get(f"{address}/schema.graphql", headers=AS_KARI)
        again = await client.get(f"{address}/schema.graphql", headers=AS_KARI | {"If-None-Match": told.headers["etag"]})
        of_nobody = await client.get(f"{address}/schema.graphql")
        posted = await client.post(f"{address}/schema.graphql", headers=AS_KARI)

    assert told.text == build_schema().as_str() + "\n"
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert again.status_code == 304
    assert (of_nobody.status_code, of_nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert posted.status_code == 405


async def test_where_the_api_is_not_to_be_explored_there_is_no_schema(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> None:
    settings = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3", explore=False)
    await migrating.upgrade(settings.database_url)

    async with listening(create_app(settings, demo=True)) as address, httpx2.AsyncClient() as client:
        answer = await client.get(f"{address}/schema.graphql", headers=AS_KARI)

    assert answer.status_code == 404
