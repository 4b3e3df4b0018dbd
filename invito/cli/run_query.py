"""`invito query`."""

import asyncio
from typing import Annotated

import orjson
import typer
from strawberry.types import ExecutionResult

from invito.cli.ending import end, expected_problems
from invito.cli.operation_text import text_of, variables_of
from invito.cli.plugin_option import Plugins, with_plugins
from invito.cli.ready_house import ready_house
from invito.log_lines import log_to_stderr
from invito.operation_limits import operation_limits_of
from invito.plugin_parts import graphql_types_of
from invito.result_body import body_of, written
from invito.schema import build_schema
from invito.schema.context import Context
from invito.services.addresses import is_valid_address
from invito.services.viewers import identify
from invito.settings import Settings, read_settings


def query(
    operation: Annotated[
        str, typer.Argument(help="A GraphQL query or mutation; @FILE for one in a file, - for standard input.")
    ],
    as_: Annotated[str, typer.Option("--as", help="The address of whoever asks.")],
    administrator: Annotated[bool, typer.Option("--administrator", help="Ask as an administrator.")] = False,
    variables: Annotated[
        str, typer.Option(help="The operation's variables, as a JSON object; @FILE or - likewise.")
    ] = "{}",
    demo: Annotated[bool, typer.Option("--demo", help="Ask the database of `invito serve --demo`.")] = False,
    plugins: Plugins = None,
) -> None:
    """Carry out one operation on the database, without a server. Whoever can reach the database may ask as anybody."""
    log_to_stderr()
    if not is_valid_address(as_):
        end(f"{as_} is no e-mail address: --as names who asks by theirs.")
    if operation == variables == "-":
        end("Only one of the operation and --variables can come from standard input.")
    document, values = text_of(operation), variables_of(variables)
    with expected_problems():
        # Nothing is to be said of a budget that ends with the process.
        settings = with_plugins(read_settings(), plugins).model_copy(update={"budget_cost": 0})
        result = asyncio.run(_ask(settings.for_demo() if demo else settings, document, values, as_, administrator))
    told = written(body_of(result), orjson.OPT_INDENT_2)
    typer.echo(told.json.decode())
    raise typer.Exit(1 if "errors" in told.body else 0)


async def _ask(
    settings: Settings, operation: str, variables: dict[str, object], email: str, is_administrator: bool
) -> ExecutionResult:
    async with ready_house(settings) as house:
        caller = await identify(house, email, is_administrator=is_administrator)
        types = await graphql_types_of(house.plugins)
        schema = build_schema(types, operation_limits_of(settings))
        return await schema.execute(operation, variables, Context(house, caller))
