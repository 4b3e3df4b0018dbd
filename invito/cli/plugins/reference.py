"""`invito plugins reference`."""

from pathlib import Path
from typing import Annotated

import typer

from invito.cli.ending import end
from invito.cli.plugins.reference_pages import reference as written


def reference(
    output: Annotated[Path | None, typer.Option(help="A file to write to, in place of standard output.")] = None,
) -> None:
    """Print the reference for plugin authors, in Markdown."""
    if output is None:
        typer.echo(written(), nl=False)
        return
    try:
        output.write_text(written(), encoding="utf-8")
    except OSError as problem:
        end(f"{output} cannot be written: {problem.strerror}.")
