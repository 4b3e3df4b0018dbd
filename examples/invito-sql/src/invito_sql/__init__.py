"""People, companies and resources out of a database that is there already, whatever SQLAlchemy reaches."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from invito.plugins import PluginContext, Source, hookimpl
from invito_sql.check import checking
from invito_sql.database import Database, database_url
from invito_sql.reader import Reader
from invito_sql.settings import SqlSettings
from invito_sql.source_file import read_source_file
from invito_sql.sql_source import SqlSource, source_of

settings_model = SqlSettings


@dataclass
class _Loaded:
    """What was made when the plugin was loaded, and the reader while it is started."""

    database: Database
    sources: Sequence[SqlSource]
    reader: Reader | None = None


_loaded: _Loaded


@hookimpl
def invito_participant_sources(context: PluginContext[SqlSettings]) -> Sequence[Source]:
    global _loaded  # noqa: PLW0603  # there is one module, and one of its databases
    settings = context.settings
    file = read_source_file(settings.file)
    database = Database(database_url(settings.url or file.url, settings.password))
    sources = [source_of(key, table, settings.file, database, settings.bounds) for key, table in file.sources.items()]
    _loaded = _Loaded(database, sources)
    return sources


@hookimpl
def invito_startup(context: PluginContext[SqlSettings]) -> None:
    _loaded.reader = Reader(_loaded.sources, context.settings.refresh_seconds, context.logger)
    _loaded.reader.start()


@hookimpl
def invito_shutdown() -> None:
    if _loaded.reader is not None:
        _loaded.reader.stop()
    _loaded.database.close()


@hookimpl
def invito_commands() -> typer.Typer:
    return checking(_loaded.sources)
