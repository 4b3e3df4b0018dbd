"""What a plugin adds to the service besides sources: viewers, fields, routes and commands."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp
from websockets.asyncio.client import connect

from invito.asgi import create_app
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KARI = "kari@nordlys.example"
HEADER = "import strawberry, typer\nfrom invito.plugins import *\nfrom invito.plugins import hookimpl\n"
KNOWS_BY_SSO = """
@hookimpl
async def invito_authenticate(request):
    who = request.headers.get("x-sso") or request.connection_init.get("sso")
    return AuthenticatedViewer(who, is_administrator=True) if who else None
"""
HAS_A_FIELD = """
@strawberry.type
class Query:
    @strawberry.field
    def hotel_guest(self, info: strawberry.Info) -> str:
        return viewer_of(info).email

    @strawberry.field
    def hotel_bill(self) -> str | None:
        raise RuntimeError("canary")

@hookimpl
def invito_graphql_types():
    return GraphQLTypes(query=Query)
"""
HAS_ROUTES = """
from starlette.responses import JSONResponse
from starlette.routing import Route

def rooms(request):
    return JSONResponse({"rooms": 7})

def broken(request):
    raise RuntimeError("canary")

@hookimpl
def invito_asgi_routes():
    return [Route("/rooms", rooms), Route("/broken", broken)]
"""
HAS_COMMANDS = """
app = typer.Typer()

@app.command()
def book():
    typer.echo("booked")

@app.command()
def clean():
    typer.echo("cleaned")

@hookimpl
def invito_commands():
    return app
"""


HAS_SETTINGS_IN_COMMANDS = """
from pydantic import BaseModel

class settings_model(BaseModel):
    city: str

@hookimpl
def invito_commands(context):
    app = typer.Typer()

    @app.command()
    def where():
        typer.echo(context.settings.city)

    @app.command()
    def who():
        pass

    return app
"""


@pytest.fixture
async def served(
    database_url: str, tmp_path: Path, listening: Listening
) -> Callable[[str], AbstractAsyncContextManager[httpx2.AsyncClient]]:
    """Serves an office where Kari works, with a plugin of this code, `hotel`."""
    database = Database(database_url)
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", KARI)])
    await database.close()

    @asynccontextmanager
    async def serve(code: str) -> AsyncIterator[httpx2.AsyncClient]:
        file = tmp_path / "hotel.py"
        file.write_text(HEADER + code)
        settings = Settings(database_url=database_url, plugins=(str(file),))
        async with (
            listening(create_app(settings, demo=True)) as address,
            httpx2.AsyncClient(base_url=address, timeout=30) as client,
        ):
            yield client

    return serve


Served = Callable[[str], AbstractAsyncContextManager[httpx2.AsyncClient]]


async def ask(client: httpx2.AsyncClient, query: str, **headers: str) -> Any:
    answer = await client.post("/graphql", json={"query": query}, headers=headers)
    return answer.json()


async def test_a_plugin_knows_the_viewer_another_way(served: Served) -> None:
    async with served(KNOWS_BY_SSO) as client:
        known = await ask(client, "{ viewer { isAdministrator employee { name } } }", **{"X-SSO": KARI})
        unknown = await ask(client, "{ viewer { isAdministrator } }")

    assert known["data"]["viewer"] == {"isAdministrator": True, "employee": {"name": "Kari Nordmann"}}
    assert unknown["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_plugin_knows_who_opens_a_websocket(served: Served) -> None:
    async with served(KNOWS_BY_SSO) as client:
        url = f"{str(client.base_url).replace('http', 'ws', 1)}/graphql"
        async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]  # a NewType of str
            await socket.send('{"type": "connection_init", "payload": {"sso": "kari@nordlys.example"}}')

            assert await socket.recv() == '{"type":"connection_ack"}'


@pytest.mark.parametrize(
    "fault", ["raise RuntimeError('canary')", "return 'kari@nordlys.example'", "return AuthenticatedViewer('nobody')"]
)
async def test_whoever_a_broken_plugin_might_know_is_no_stranger_and_whoever_others_know_gets_in(
    served: Served, fault: str
) -> None:
    async with served(f"@hookimpl\ndef invito_authenticate(request):\n    {fault}\n") as client:
        unknown = await ask(client, "{ viewer { isAdministrator } }")
        known = await ask(client, "{ viewer { employee { name } } }", **{"X-Invito-Viewer": KARI})

    (error,) = unknown["errors"]
    assert error["extensions"]["code"] == "SOURCE_UNAVAILABLE"
    assert "hotel" in error["message"]
    assert "canary" not in error["message"]
    assert known["data"]["viewer"]["employee"] == {"name": "Kari Nordmann"}


async def test_a_plugin_adds_fields_and_one_that_fails_is_masked(served: Served) -> None:
    async with served(HAS_A_FIELD) as client:
        answer = await ask(client, "{ hotelGuest hotelBill viewer { language } }", **{"X-Invito-Viewer": KARI})

    assert answer["data"] == {"hotelGuest": KARI, "hotelBill": None, "viewer": {"language": "EN"}}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["hotelBill"], "INTERNAL")
    assert "canary" not in str(answer)


async def test_a_plugin_that_cannot_say_its_fields_or_routes_adds_none(served: Served) -> None:
    types, routes = "def invito_graphql_types():\n    return 7", "def invito_asgi_routes():\n    raise OSError"

    async with served(f"@hookimpl\n{types}\n@hookimpl\n{routes}\n") as client:
        answer = await ask(client, "{ viewer { language } }", **{"X-Invito-Viewer": KARI})
        nothing = await client.get("/plugins/hotel/rooms")

    assert answer["data"] == {"viewer": {"language": "EN"}}
    assert nothing.status_code == 404


async def test_what_a_plugin_adds_is_there_though_it_has_not_started(served: Served) -> None:
    """Fields and routes are asked for once, and it may start any time later."""
    fails = "@hookimpl\ndef invito_startup():\n    raise ConnectionError\n"

    async with served(fails + HAS_A_FIELD + HAS_ROUTES) as client:
        guest = await ask(client, "{ hotelGuest }", **{"X-Invito-Viewer": KARI})
        rooms = await client.get("/plugins/hotel/rooms")

    assert guest["data"] == {"hotelGuest": KARI}
    assert rooms.json() == {"rooms": 7}


async def test_a_plugin_serves_below_its_name_and_its_mistakes_are_answered_like_ours(served: Served) -> None:
    async with served(HAS_ROUTES) as client:
        rooms = await client.get("/plugins/hotel/rooms")
        broken = await client.get("/plugins/hotel/broken")
        elsewhere = await client.get("/plugins/motel/rooms")

    assert rooms.json() == {"rooms": 7}
    (error,) = broken.json()["errors"]
    assert (broken.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert error["extensions"]["id"] in error["message"]
    assert "canary" not in broken.text
    assert elsewhere.status_code == 404


def invito(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVITO_")}
    return subprocess.run(
        [sys.executable, "-m", "invito", *arguments],
        env=environment | settings, cwd=folder, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip


def test_a_plugin_brings_commands(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text(HEADER + HAS_COMMANDS)

    done = invito(tmp_path, "hotel", "book", INVITO_PLUGINS="hotel.py")

    assert (done.stdout, done.returncode) == ("booked\n", 0)


def test_an_unknown_command_is_told_how_a_plugin_that_is_not_installed_brings_its_own(
    database_url: str, tmp_path: Path
) -> None:
    done = invito(tmp_path, "hotel", "book", "--plugin", "hotel.py")

    assert done.returncode == 2
    assert "INVITO_PLUGINS=hotel.py invito hotel" in done.stderr


def test_the_commands_of_a_plugin_know_its_settings(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text(HEADER + HAS_SETTINGS_IN_COMMANDS)

    done = invito(tmp_path, "hotel", "where", INVITO_PLUGINS="hotel.py", INVITO_HOTEL_CITY="Bergen")

    assert (done.stdout, done.returncode) == ("Bergen\n", 0)


def test_a_setting_that_cannot_be_read_leaves_others_their_commands(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text(HEADER + HAS_SETTINGS_IN_COMMANDS.replace("city: str", "city: list[str]"))
    (tmp_path / "motel.py").write_text(HEADER + HAS_COMMANDS)

    done = invito(tmp_path, "--help", INVITO_PLUGIN_FOLDER=str(tmp_path), INVITO_HOTEL_CITY="canary, Oslo")

    assert done.returncode == 0
    assert "serve" in done.stdout
    assert "motel" in done.stdout
    assert "INVITO_HOTEL_CITY: give JSON" in done.stdout + done.stderr
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize("problem", ["SystemExit(3)", "RuntimeError()"])
def test_a_plugin_that_cannot_say_its_commands_leaves_others_theirs(
    database_url: str, tmp_path: Path, problem: str
) -> None:
    (tmp_path / "hotel.py").write_text(f"{HEADER}@hookimpl\ndef invito_commands():\n    raise {problem}\n")
    (tmp_path / "motel.py").write_text(HEADER + HAS_COMMANDS)

    done = invito(tmp_path, "motel", "book", INVITO_PLUGIN_FOLDER=str(tmp_path))

    assert (done.stdout.endswith("booked\n"), done.returncode) == (True, 0)
    assert "Traceback" not in done.stderr
    assert all(word in done.stdout + done.stderr for word in ("hotel", "invito_commands", problem.partition("(")[0]))


def test_plugins_that_hang_when_asked_for_commands_are_named_and_leave_others_theirs(
    database_url: str, tmp_path: Path
) -> None:
    hangs = "import threading\n@hookimpl\ndef invito_commands():\n    threading.Event().wait()\n"
    for name in ("hotel", "hostel"):
        (tmp_path / f"{name}.py").write_text(HEADER + hangs)
    (tmp_path / "motel.py").write_text(HEADER + HAS_COMMANDS)
    settings = {"INVITO_PLUGIN_FOLDER": str(tmp_path), "INVITO_PLUGIN_START_SECONDS": "1", "COLUMNS": "200"}

    listed = invito(tmp_path, "--help", **settings)
    booked = invito(tmp_path, "motel", "book", **settings)

    assert (listed.returncode, booked.returncode) == (0, 0)
    assert "serve" in listed.stdout
    assert "motel" in listed.stdout
    assert booked.stdout.endswith("booked\n")
    told = [line for line in (listed.stdout + listed.stderr).splitlines() if "did not answer within 1 seconds" in line]
    assert len(told) == 2
    assert all(any(f"plugin={name}" in line for line in told) for name in ("hotel", "hostel"))


def test_a_field_that_is_there_already_stops_the_start_with_a_sentence(database_url: str, tmp_path: Path) -> None:
    code = HAS_A_FIELD.replace("hotel_guest", "viewer")
    (tmp_path / "hotel.py").write_text(HEADER + code)

    done = invito(tmp_path, "serve", "--demo", "--plugin", "hotel.py", INVITO_DATABASE_URL=database_url)

    checked = invito(tmp_path, "check", "--demo", "--plugin", "hotel.py", INVITO_DATABASE_URL=database_url)

    said = "Plugin hotel brings the field viewer, which Invito has: rename it, or block the plugin with"
    assert (done.returncode, checked.returncode) == (1, 1)
    assert f"{said} INVITO_PLUGINS_BLOCKED=hotel." in done.stderr
    assert said in checked.stdout


def test_the_list_names_what_each_plugin_brings_and_what_was_left_out(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "hotel.py").write_text(HEADER + KNOWS_BY_SSO)
    (folder / "motel.py").write_text("raise RuntimeError")
    settings = {"INVITO_DATABASE_URL": database_url, "INVITO_PLUGIN_FOLDER": str(folder), "COLUMNS": "200"}

    listed = invito(tmp_path, "plugins", "list", **settings)
    shown = invito(tmp_path, "plugins", "show", "hotel", **settings)

    assert listed.returncode == 1
    rows = {line.split("│")[1].strip(): line for line in listed.stdout.splitlines() if "│" in line}
    assert "built in" in rows["employees"]
    assert "authenticate" in rows["hotel"]
    assert "not loaded: Plugin motel cannot be imported: RuntimeError" in rows["motel"]
    assert shown.returncode == 0
    assert "invito_authenticate" in shown.stdout
