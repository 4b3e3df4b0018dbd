"""A folder of CSV files as a participant source for Invito: a file is a list to take participants from."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from invito.plugins import PluginContext, Source, hookimpl
from invito_csv.folder import Folder
from invito_csv.source import CsvFiles

__all__ = ["CsvFiles", "CsvSettings", "Folder", "invito_participant_sources", "settings_model"]


class CsvSettings(BaseModel):
    folder: Path = Field(description="The folder of the files, each NAME.csv a list called NAME.")


settings_model = CsvSettings


@hookimpl
def invito_participant_sources(context: PluginContext[CsvSettings]) -> Sequence[Source]:
    """What is offered under Select from. The files are read when somebody asks."""
    return [CsvFiles(Folder(context.settings.folder, context.logger))]
