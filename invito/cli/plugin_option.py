"""`--plugin`, of the commands that load plugins."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from invito.settings import Settings

Plugins = Annotated[
    list[str] | None,
    typer.Option("--plugin", help="A plugin to load besides: an installed module, one of this folder, or a .py file."),
]
Demo = Annotated[bool, typer.Option("--demo", help="As `invito serve --demo` has it.")]


def with_plugins(settings: Settings, plugins: Sequence[str] | None) -> Settings:
    """The settings with these plugins besides their own; modules of the folder that one is in are found."""
    folder = str(Path.cwd())
    # Last, so that no file here stands in for something installed.
    if folder not in sys.path:
        sys.path.append(folder)
    return settings.model_copy(update={"plugins": (*settings.plugins, *(plugins or ()))})
