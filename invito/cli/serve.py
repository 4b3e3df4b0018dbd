"""`invito serve`."""

import asyncio
import signal
import socket
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.engine import make_url

from invito import __version__
from invito.asgi import create_app
from invito.cli.database_standing import bring_up_to_date
from invito.cli.ending import end, expected_problems
from invito.cli.hanging_threads import end_without_those_that_hang
from invito.cli.listening import listening_socket
from invito.cli.plugin_option import Plugins, with_plugins
from invito.cli.reloading import PluginFiles, start_anew
from invito.demo import load
from invito.demo_hosts import is_loopback
from invito.documents import documents_of
from invito.graphiql import NOT_BUILT, is_graphiql_built
from invito.log_lines import log_to_stderr
from invito.opening import intake_plan_of, load_plugins, warn_of_blocked_names
from invito.plugin_parts import graphql_types_of
from invito.schema import build_schema
from invito.secret_keys import keys_of
from invito.services.storage.database import Database
from invito.settings import Settings, read_settings
from invito.start_page import AS_BEARER, AS_KARI, HOW_TO_SIGN, KARI, Example, command, examples_of
from invito.web_server import server_config

# A tick is a tenth of a second.
_TICKS_BETWEEN_LOOKS = 5
_NOTHING_TO_TRY = "your client: no trusted document is a query that wants no variables"


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Try it with invented people, on this machine alone.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the start page in the browser.")] = False,
    host: Annotated[str | None, typer.Option(help="The address to listen at, in place of INVITO_HOST.")] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port to listen at, in place of INVITO_PORT; 0 for any free one.", min=0, max=65535),
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Run the service. Its database is made, or brought up to date, first."""
    log_to_stderr()
    with expected_problems():
        settings = _settings(demo, host, port, plugins)
        examples = asyncio.run(_examples(settings))
        keys_of(settings)
        asyncio.run(_prepare(settings, demo))
    try:
        listening = listening_socket(settings.host, settings.port, is_named="port" in settings.model_fields_set)
    except OSError as problem:
        end(f"Cannot listen at {settings.host}, port {settings.port}: {problem.strerror}. Name another --port.")
    _check_mail_address(settings)
    _run(settings, listening, examples, demo=demo, open_browser=open_)


def _settings(demo: bool, host: str | None, port: int | None, plugins: Sequence[str] | None) -> Settings:
    given = {"host": host, "port": port}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    settings = with_plugins(settings, plugins)
    if not demo:
        if settings.missing:
            end(*settings.missing, "Set what is missing, or try `invito serve --demo`.")
        return settings
    if not is_loopback(settings.host):
        end(f"In demo mode anybody may be anybody, so it listens at 127.0.0.1 alone, not at {settings.host}.")
    return settings.for_demo()


def _check_mail_address(settings: Settings) -> None:
    """Beforehand, since once the application runs nobody is there to be told in a sentence."""
    address = intake_plan_of(settings).listen
    if address is None or not settings.mail_worker:
        return
    try:
        listening_socket(*address, is_named=True).close()
    except OSError as problem:
        end(f"Cannot take mail at {settings.lmtp_listen}: {problem.strerror}. Look at INVITO_LMTP_LISTEN.")


async def _examples(settings: Settings) -> Sequence[Example]:
    """What to try; told beforehand likewise, so that a plugin that cannot be had is a sentence, and a document that is
    not valid."""
    warn_of_blocked_names(settings)
    plugins = load_plugins(settings)
    try:
        return examples_of(documents_of(settings, build_schema(await graphql_types_of(plugins))))
    finally:
        plugins.close()


async def _prepare(settings: Settings, demo: bool) -> None:
    await bring_up_to_date(settings.database_url)
    if not demo:
        return
    database = Database(settings.database_url)
    try:
        await load(database, settings)
    finally:
        await database.close()


def _run(
    settings: Settings, listening: socket.socket, examples: Sequence[Example], *, demo: bool, open_browser: bool
) -> None:
    address = _address_of(listening)
    if demo and settings.public_url is None:
        settings = settings.model_copy(update={"public_url": address.rstrip("/")})
    config = server_config(create_app(settings, demo=demo), settings)
    # In a demo somebody may be writing one of them.
    files = PluginFiles(settings.plugins) if demo and settings.plugins else None
    server = _Server(config, _greeting(settings, address, examples, demo), address if open_browser else None, files)
    port = listening.getsockname()[1]
    # Once all is closed, uvicorn sends itself the signal that ended it: SIGTERM would cut off what comes after.
    signal.signal(signal.SIGTERM, _leave)
    try:
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    finally:
        if not server.starts_anew:
            end_without_those_that_hang(0 if server.started else 1)
    if server.starts_anew:
        start_anew(port)
    if not server.started:
        raise typer.Exit(1)


def _leave(*_: object) -> None:
    raise SystemExit


class _Server(uvicorn.Server):
    """Says that it is there once it is, and ends to start anew when a plugin was saved that can be loaded."""

    def __init__(self, config: uvicorn.Config, greeting: str, opens: str | None, files: PluginFiles | None) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._opens = opens
        self._files = files
        self.starts_anew = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            typer.echo(self._greeting)
            if self._opens:
                webbrowser.open(self._opens)

    async def on_tick(self, counter: int) -> bool:
        if self._files is not None and counter % _TICKS_BETWEEN_LOOKS == 0 and self._files.were_saved():
            problem = await asyncio.to_thread(self._files.problem)
            if problem is not None:
                typer.echo(f"{problem} The one before is still at work.")
            self.starts_anew = problem is None
        return await super().on_tick(counter) or self.starts_anew


def _greeting(settings: Settings, address: str, examples: Sequence[Example], demo: bool) -> str:
    """What to do where people reach it, which behind a proxy is not the address that it listens at."""
    kept = make_url(settings.database_url).render_as_string(hide_password=True)
    public = address if settings.public_url is None else f"{settings.public_url}/"
    lines = [f"Invito {__version__}, kept in {kept}", f"Start page  {public}", f"GraphQL     {public}graphql"]
    if settings.has_graphiql:
        lines.append(f"GraphiQL    {f'{public}graphiql' if is_graphiql_built() else NOT_BUILT}")
    if public != address:
        lines.append(f"Listens at  {address}")
    if demo:
        administrators = f"; {', '.join(settings.administrators)} administers" if settings.administrators else ""
        who = AS_KARI
        lines.append(f"You are     who you say in X-Invito-Viewer: {KARI}{administrators}")
    else:
        who = AS_BEARER
        made_by = HOW_TO_SIGN if settings.jwt_secret is not None else "TOKEN=… (one of your issuer's)"
        lines.append(f"You are     who your bearer token says: {made_by}")
    proposed = command(f"{public}graphql", who, examples[0].asked) if examples else _NOTHING_TO_TRY
    lines.append(f"Try         {proposed}")
    return "\n".join([*lines, "Stop it with Ctrl+C."])


def _address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
