"""What administrators set for the sources, in the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.storage.directory_tables import SourceSettingRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.reading import read_rows

_BY_HAND = select(SourceSettingRow.key, SourceSettingRow.is_enabled, SourceSettingRow.position)


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What an administrator set for a source; without a place it comes behind those that have one."""

    is_enabled: bool = True
    position: int | None = None


async def source_settings(connection: AsyncConnection) -> dict[str, SourceSetting]:
    """By key, of those sources for which anything was set."""
    rows = await read_rows(connection, _BY_HAND)
    return {key: SourceSetting(is_enabled, position) for key, is_enabled, position in rows}


async def keep_source_settings(connection: AsyncConnection, settings: Mapping[str, SourceSetting]) -> None:
    rows = [{"key": key, "is_enabled": one.is_enabled, "position": one.position} for key, one in settings.items()]
    if rows:
        insert = insert_into(connection, SourceSettingRow)
        changed = {"is_enabled": insert.excluded.is_enabled, "position": insert.excluded.position}
        await connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed), rows)
