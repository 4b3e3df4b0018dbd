"""Commands whose modules are imported when they run: to import all of them takes longer than most of them do."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command: `place` names a function or a `typer.Typer` as `module:name`, `summary` is its line in a list."""

    name: str
    place: str
    summary: str

    def imported(self) -> Any:
        """The command itself."""
        module, _, attribute = self.place.partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            command: Any = typer.main.get_group(target)
        else:
            alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
            alone.command()(target)
            command = typer.main.get_command(alone)
        command.name = self.name
        return command


class LazyGroup(TyperGroup):
    """Lists its commands by what is said of them here, and imports the one that runs."""

    lazy: ClassVar[tuple[LazyCommand, ...]]

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.commands.update({one.name: TyperCommand(one.name, help=one.summary) for one in self.lazy})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        found = next((one for one in self.lazy if one.name == name), None)
        return name, command if found is None else found.imported(), rest
