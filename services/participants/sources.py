"""Which sources are offered under Select from, and in which order (F5, F7)."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from invito.plugins.contract import Label
from invito.plugins.plugin_manager import LoadedSource, PluginFacts, SourceHealth
from invito.services.errors import Refusal, Unanswerable, UnanswerableCode, UserErrorCode, user_error
from invito.services.follow_ups.access import check_administrator
from invito.services.house import Caller, House
from invito.services.language import translate
from invito.services.storage.directory_tables import SourceSettingRow


@dataclass(frozen=True, slots=True)
class OfferedSource:
    """A source as it stands under Select from."""

    key: str
    label: Label
    container_label: Label
    all_label: Label
    offers_all: bool
    is_searchable: bool
    is_enabled: bool
    plugin: PluginFacts
    health: SourceHealth


async def offered_sources(house: House, *, include_disabled: bool = False) -> list[OfferedSource]:
    """The sources in the order in which they are offered."""
    settings = await _settings(house)
    ordered = [_offered(house, key, is_enabled=is_enabled) for key, is_enabled in settings.items()]
    return [source for source in ordered if include_disabled or source.is_enabled]


def sees_disabled(caller: Caller) -> bool:
    """Administrators alone see the sources that are switched off, which they may switch on."""
    return caller.is_administrator


def check_sees_disabled(caller: Caller) -> None:
    """
    :raises Unanswerable: FORBIDDEN, for whoever is no administrator.
    """
    if not sees_disabled(caller):
        message = translate("Only administrators see the sources that are switched off.")
        raise Unanswerable(UserErrorCode.FORBIDDEN, message, ("includeDisabled",))


def lists_for(caller: Caller) -> bool:
    """Whoever is no employee sees empty lists; administrators see what they administer."""
    return caller.employee is not None or caller.is_administrator


def source_of_key(house: House, key: str) -> LoadedSource:
    """
    :raises Unanswerable: UNKNOWN_SOURCE.
    """
    loaded = house.plugins.sources.get(key)
    if loaded is None:
        raise unknown_source()
    return loaded


def unknown_source() -> Unanswerable:
    """What whoever names a source that is not there, or not for them, gets."""
    return Unanswerable(UnanswerableCode.UNKNOWN_SOURCE, translate("There is no source of this key."), ("source",))


async def enabled_keys(house: House) -> list[str]:
    """The keys of the sources that are switched on, in order."""
    return [key for key, is_enabled in (await _settings(house)).items() if is_enabled]


async def update_source(house: House, caller: Caller, key: str, is_enabled: bool | None, position: int | None) -> str:
    """Switch a source on or off, or move it to a place in the order (0 is the first).

    :raises Refusal: FORBIDDEN, NOT_FOUND, INVALID_INPUT.
    """
    check_administrator(caller)
    settings = await _settings(house)
    if key not in settings:
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, ("key",), "There is no source of this key."))
    if position is not None and position < 0:
        message = "A position counts from 0, the first."
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, ("position",), message))
    if is_enabled is not None:
        settings[key] = is_enabled
    order = list(settings)
    if position is not None:
        order.remove(key)
        order.insert(position, key)
    rows = [{"key": one, "is_enabled": settings[one], "position": place} for place, one in enumerate(order)]
    async with house.database.write() as connection:
        await connection.execute(delete(SourceSettingRow).where(SourceSettingRow.key.in_(order)))
        await connection.execute(insert(SourceSettingRow), rows)
    return key


async def _settings(house: House) -> dict[str, bool]:
    """Whether each source is on, in order; those that nobody placed come last, as they were loaded."""
    query = select(SourceSettingRow.key, SourceSettingRow.is_enabled, SourceSettingRow.position)
    async with house.database.read() as connection:
        set_by_hand = {row.key: (row.is_enabled, row.position) for row in await connection.execute(query)}
    loaded = list(house.plugins.sources)
    places = {key: set_by_hand.get(key, (True, None))[1] for key in loaded}
    order = sorted(loaded, key=lambda key: (len(loaded) if places[key] is None else places[key], loaded.index(key)))
    return {key: set_by_hand.get(key, (True, None))[0] for key in order}


def _offered(house: House, key: str, *, is_enabled: bool) -> OfferedSource:
    loaded = house.plugins.sources[key]
    source = loaded.source
    return OfferedSource(
        key, source.label, source.container_label, source.all_label, source.offers_all, source.is_searchable,
        is_enabled, loaded.plugin, house.plugins.health_of(loaded.plugin),
    )  # fmt: skip
