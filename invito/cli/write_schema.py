"""`invito schema`."""

from pathlib import Path
from typing import Annotated

import typer

from invito.cli.ending import end
from invito.schema import build_schema


def schema(
    output: Annotated[Path | None, typer.Option(help="The file to write; without it, the schema is printed.")] = None,
) -> None:
    """Print the API in the schema language of GraphQL."""
    text = build_schema().as_str() + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as problem:
            end(f"{output} cannot be written: {problem.strerror}.")
