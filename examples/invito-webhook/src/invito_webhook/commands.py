"""`invito webhook …`: what was posted, what was not, and having it posted anew."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from invito_webhook.delivery_list import (
    Delivery,
    counts_of,
    latest_deliveries,
    post_anew,
    post_failed_anew,
    resume,
)
from invito_webhook.messages import EVENT_TYPES, trial_message
from invito_webhook.outbox import gone_endpoints
from invito_webhook.outbox_database import OutboxDatabase, check_file
from invito_webhook.outbox_tables import DeliveryState
from invito_webhook.posting import poster_to
from invito_webhook.settings import Endpoint, WebhookSettings
from invito_webhook.signing import new_secret

T = TypeVar("T")
_WIDE = 1_000


def commands_of(settings: WebhookSettings) -> typer.Typer:
    """Each says what to do where it cannot do its own."""
    app = typer.Typer(help="Events that are posted to your endpoints.", no_args_is_help=True)
    command = _Commands(settings)
    for function in (
        command.deliveries,
        command.endpoints,
        command.retry,
        command.resume,
        command.test,
        command.secret,
    ):
        app.command()(function)
    return app


class _Commands:
    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    def deliveries(
        self,
        failed: Annotated[bool, typer.Option("--failed", help="Those that were given up.")] = False,
        waiting: Annotated[bool, typer.Option("--waiting", help="Those that are still tried.")] = False,
        event: Annotated[str | None, typer.Option(help="Those of this type, such as participants.invited.")] = None,
        endpoint: Annotated[str | None, typer.Option(help="Those to the endpoint of this name.")] = None,
        most: Annotated[int, typer.Option(min=1, max=10_000, help="So many, the newest.")] = 50,
    ) -> None:
        """List what was posted, and what became of it."""
        if event is not None and event not in EVENT_TYPES.values():
            _end(f"There is no event {event}. Take one of {', '.join(sorted(EVENT_TYPES.values()))}.")
        if endpoint is not None:
            self._endpoint(endpoint)
        state = DeliveryState.FAILED if failed else DeliveryState.WAITING if waiting else None
        found = self._ask(
            lambda connection: latest_deliveries(connection, state=state, event=event, endpoint=endpoint, most=most)
        )
        _print(
            ["ID", "happened", "event", "follow-up", "endpoint", "state", "attempts", "what came of it"],
            map(_cells, found),
        )

    def endpoints(self) -> None:
        """List who is told of what, and how they do."""

        async def ask(connection: AsyncConnection) -> list[list[str]]:
            gone = await gone_endpoints(connection)
            return [
                [
                    one.name,
                    ", ".join(sorted(one.events)),
                    str(len(one.secrets)),
                    f"gone since {_clock(gone[one.name])}" if one.name in gone else "open",
                    *(str(counts.get(state, 0)) for state in DeliveryState),
                ]
                for one in self._settings.endpoints
                for counts in [await counts_of(connection, one.name)]
            ]

        _print(["name", "events", "secrets", "state", *DeliveryState], self._ask(ask))

    def retry(
        self,
        ids: Annotated[list[int] | None, typer.Argument(help="IDs of deliveries, as the list has them.")] = None,
        failed: Annotated[bool, typer.Option("--failed", help="All that were given up.")] = False,
    ) -> None:
        """Have deliveries be posted anew, under the ids that they had. The service does it within seconds."""
        if bool(ids) is failed:
            _end("Say which: IDs of `invito webhook deliveries`, or --failed for all that were given up.")
        asked = set(ids or ())
        found = self._ask(post_failed_anew if failed else lambda connection: post_anew(connection, list(asked)))
        typer.echo(f"{len(found)} to be posted anew.")
        if missing := asked - found:
            _end(f"There is no delivery {', '.join(map(str, sorted(missing)))}.")

    def resume(self, name: Annotated[str, typer.Argument(help="The endpoint's name.")]) -> None:
        """Post to an endpoint again that answered 410 Gone."""
        self._endpoint(name)
        had = self._ask(lambda connection: resume(connection, name))
        typer.echo(f"{name} is posted to again." if had else f"{name} was posted to all the time.")

    def test(
        self, name: Annotated[str | None, typer.Argument(help="The endpoint's name; all without.")] = None
    ) -> None:
        """Post a message of the type webhook.test now, and say what comes of it."""
        endpoints = self._settings.endpoints if name is None else (self._endpoint(name),)
        if not endpoints:
            _end("There is no endpoint: INVITO_WEBHOOK_ENDPOINTS says none.")
        if not asyncio.run(_try_all(endpoints, self._settings.request_seconds)):
            raise typer.Exit(1)

    def secret(self) -> None:
        """Make up a secret."""
        typer.echo(new_secret())

    def _endpoint(self, name: str) -> Endpoint:
        named = {one.name: one for one in self._settings.endpoints}
        if name not in named:
            _end(f"There is no endpoint {name}. INVITO_WEBHOOK_ENDPOINTS has: {', '.join(named) or 'none'}.")
        return named[name]

    def _ask(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            async with _opened(self._settings) as database, database.transaction() as connection:
                return await work(connection)

        try:
            return asyncio.run(run())
        except (OSError, SQLAlchemyError, ModuleNotFoundError) as problem:
            cause = problem.orig if isinstance(problem, DBAPIError) else problem
            _end(f"The deliveries cannot be read: {' '.join(str(cause).split())}. Look at INVITO_WEBHOOK_DATABASE_URL.")


@asynccontextmanager
async def _opened(settings: WebhookSettings) -> AsyncIterator[OutboxDatabase]:
    url = settings.database_url.get_secret_value()
    check_file(url)
    database = OutboxDatabase(url)
    try:
        await database.make_tables()
        yield database
    finally:
        await database.close()


async def _try_all(endpoints: tuple[Endpoint, ...], seconds: float) -> bool:
    """Whether all of them took it."""
    message = trial_message(datetime.now(UTC))
    are_taken = []
    for endpoint in endpoints:
        async with poster_to(endpoint, seconds) as poster:
            outcome = await poster.post(message.id, message.body)
        said = f" ({outcome.excerpt})" if outcome.excerpt else ""
        typer.echo(f"{endpoint.name}: {outcome.problem or f'answered {outcome.status}'}{said}")
        are_taken.append(outcome.is_taken)
    return all(are_taken)


def _cells(one: Delivery) -> list[str]:
    said = " ".join(filter(None, [one.problem, f"({one.excerpt})" if one.excerpt else None]))
    if one.state is DeliveryState.WAITING and one.attempts:
        said += f"; again at {_clock(one.next_at)}"
    return [
        str(one.number),
        _clock(one.occurred_at),
        one.type,
        one.follow_up_uid,
        one.endpoint,
        one.state.value,
        str(one.attempts),
        said,
    ]


def _clock(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%SZ")


def _print(titles: list[str], rows: Any) -> None:
    """On a terminal what is too wide goes on in the next line; elsewhere a row is a line."""
    table = Table(*titles, box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    console.width = console.width if console.is_terminal else _WIDE
    console.print(table)


def _end(problem: str) -> NoReturn:
    typer.echo(problem, err=True)
    raise typer.Exit(1)
