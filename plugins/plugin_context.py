"""What a plugin is handed when it starts: its settings, a logger, and the public read interface."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class PluginContext(Generic[S]):
    """`settings` is an instance of the plugin's `settings_model`, None where it declares none.

    `logger` writes lines of JSON that name the plugin, by keyword: `context.logger.info("read", people=7)`; nothing
    private above DEBUG. `directory` is the read interface to what Invito keeps itself, typed by
    `invito.services.directory.Directory.of(context)`.
    """

    name: str
    settings: S
    logger: Any
    directory: object
