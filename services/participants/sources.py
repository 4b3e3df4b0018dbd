"""Which sources are offered under Select from, and in which order (F5, F7)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import Label
from invito.plugins.plugin_facts import LoadedSource
from invito.services.access import check_administrator
from invito.services.caller import Caller
from invito.services.errors import Refusal, Unanswerable, UnanswerableCode, UserErrorCode, user_error
from invito.services.house import House
from invito.services.known_plugins import KnownPlugin, known_plugin
from invito.services.language import translate
from invito.services.participants.source_settings import SourceSetting, keep_source_settings, source_settings
from invito.services.storage.turns import take_turn


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
    plugin: KnownPlugin
    health: SourceHealth


async def offered_sources(house: House, *, include_disabled: bool = False) -> list[OfferedSource]:
    """The sources in the order in which they are offered."""
    async with house.database.read() as connection:
        settings = await _settings(connection, house)
    ordered = [_offered(house, key, is_enabled=setting.is_enabled) for key, setting in settings.items()]
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


async def source_offered(house: House, caller: Caller, key: str) -> LoadedSource:
    """The source of this key, which is offered to the caller: administrators see those that are switched off too.

    :raises Unanswerable: UNKNOWN_SOURCE.
    """
    loaded = house.plugins.sources.get(key)
    if loaded is None or not (sees_disabled(caller) or key in await enabled_keys(house)):
        raise _unknown_source()
    return loaded


def _unknown_source() -> Unanswerable:
    """What whoever names a source that is not there, or not for them, gets."""
    return Unanswerable(UnanswerableCode.UNKNOWN_SOURCE, translate("There is no source of this key."), ("source",))


async def enabled_keys(house: House) -> list[str]:
    """The keys of the sources that are switched on, in order."""
    async with house.database.read() as connection:
        settings = await _settings(connection, house)
    return [key for key, setting in settings.items() if setting.is_enabled]


async def update_source(house: House, caller: Caller, key: str, is_enabled: bool | None, position: int | None) -> str:
    """Switch a source on or off, or move it to a place in the order (0 is the first).

    :raises Refusal: FORBIDDEN, NOT_FOUND, INVALID_INPUT.
    """
    check_administrator(caller)
    if key not in house.plugins.sources:
        raise Refusal(user_error(UserErrorCode.NOT_FOUND, ("key",), "There is no source of this key."))
    if position is not None and position < 0:
        message = "A position counts from 0, the first."
        raise Refusal(user_error(UserErrorCode.INVALID_INPUT, ("position",), message))
    async with house.database.write() as connection:
        await take_turn(connection, "source settings")
        before = await _settings(connection, house)
        after = _placed(before, key, position)
        if is_enabled is not None:
            after[key] = replace(after[key], is_enabled=is_enabled)
        changed = {one: setting for one, setting in after.items() if setting != before[one]}
        await keep_source_settings(connection, changed)
    return key


def _placed(settings: Mapping[str, SourceSetting], key: str, position: int | None) -> dict[str, SourceSetting]:
    """The settings with the source moved there, and all others after one another around it."""
    if position is None:
        return dict(settings)
    order = [one for one in settings if one != key]
    order.insert(position, key)
    return {one: replace(settings[one], position=place) for place, one in enumerate(order)}


async def _settings(connection: AsyncConnection, house: House) -> dict[str, SourceSetting]:
    """What is set for each source, in order; those that nobody placed come last, as they were loaded."""
    by_hand = await source_settings(connection)
    # What was set for a source counts for the one that stands in for it now, unless that has something of its own.
    standing = {house.plugins.present_key(key): setting for key, setting in by_hand.items()} | by_hand
    found = {key: standing.get(key, SourceSetting()) for key in house.plugins.sources}
    # Sorting is stable: what has no place stays as it was loaded.
    return dict(sorted(found.items(), key=lambda one: len(found) if one[1].position is None else one[1].position))


def _offered(house: House, key: str, *, is_enabled: bool) -> OfferedSource:
    loaded = house.plugins.sources[key]
    source = loaded.source
    return OfferedSource(
        key, source.label, source.container_label, source.all_label, source.offers_all, source.is_searchable,
        is_enabled, known_plugin(house.plugins, loaded.plugin.name), house.plugins.health_of(key),
    )  # fmt: skip
