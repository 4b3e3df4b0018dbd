"""What is made of the plugins that were found: contract, settings, and which of them stop the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, Field, SecretStr, model_validator

from invito.plugins.contract import Label
from invito.plugins.discovery import FoundPlugin, MissingPlugin
from invito.plugins.failures import PluginClash, PluginError
from invito.plugins.hookspecs import hookimpl
from invito.plugins.plugin_context import PluginContext
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.plugin_settings import read_plugin_settings, settings_prefix
from invito.plugins.shown_settings import shown_settings
from invito.plugins.source import Source


@pytest.fixture
def manager() -> Iterator[PluginManager]:
    opened = PluginManager(directory="the directory")
    yield opened
    opened.close()


class HotelSettings(BaseModel):
    """What the hotel is told."""

    rooms: int = Field(description="How many rooms there are.")
    password: SecretStr = SecretStr("canary")
    note: str | None = None


class Hotel:
    """A plugin that keeps the context that it was handed."""

    def __init__(self, **facts: Any) -> None:
        self.__dict__ |= facts
        self.context: PluginContext[Any] | None = None

    @hookimpl
    def invito_participant_sources(self, context: PluginContext[Any]) -> Sequence[Source]:
        self.context = context
        return [] if not hasattr(self, "source") else [self.source]


def source(key: str) -> Source:
    labels = dict.fromkeys(("label", "container_label", "all_label"), Label(key, key))
    made: Source = type(key, (Source,), {"key": key, "directories": frozenset({key}), **labels})()
    return made


def found(plugin: object, name: str = "hotel", *, is_named: bool = False) -> list[FoundPlugin]:
    return [FoundPlugin(name, plugin, is_named=is_named)]


@pytest.mark.parametrize(
    ("contract", "problem"),
    [
        (2, "written for version 2 of the contract, and this Invito knows 1: install a newer Invito"),
        (0, "written for version 0 of the contract, and this Invito keeps those from 1 on"),
        ("1", "contract should be the number of a version"),
        (True, "contract should be the number of a version"),
    ],
)
def test_a_plugin_of_another_contract_is_refused_with_what_to_do(
    manager: PluginManager, contract: object, problem: str
) -> None:
    with pytest.raises(PluginError, match=problem):
        manager.load_found(found(Hotel(contract=contract), is_named=True))


def test_settings_are_read_from_the_variables_of_the_plugins_name(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVITO_GRAND_HOTEL_ROOMS", "7")
    hotel = Hotel(settings_model=HotelSettings)

    manager.load_found(found(hotel, "grand-hotel"))

    assert hotel.context is not None
    assert (hotel.context.name, hotel.context.settings.rooms) == ("grand-hotel", 7)
    assert hotel.context.directory == "the directory"


def test_a_setting_that_is_missing_or_wrong_is_named_and_its_value_is_not(
    manager: PluginManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVITO_HOTEL_ROOMS", "canary")

    with pytest.raises(PluginError, match="INVITO_HOTEL_ROOMS: Input should be a valid integer") as refused:
        manager.load_found(found(Hotel(settings_model=HotelSettings), is_named=True))

    assert "canary" not in str(refused.value)


class OpenDays(BaseModel):
    days: list[str]


class Moody(BaseModel):
    """Whose validator fails as none should."""

    rooms: int = 1

    @model_validator(mode="after")
    def _is_broken(self) -> Self:
        raise SystemExit("canary") if self.rooms == 1 else RuntimeError("canary")


@pytest.mark.parametrize(
    ("model", "values", "problem"),
    [
        (OpenDays, {"INVITO_HOTEL_DAYS": "canary,tue"}, "INVITO_HOTEL_DAYS: give JSON, such as "),
        (Moody, {}, "its settings_model failed (SystemExit)"),
        (Moody, {"INVITO_HOTEL_ROOMS": "2"}, "its settings_model failed (RuntimeError)"),
    ],
)
def test_settings_that_cannot_be_read_leave_out_a_plugin_that_nobody_named_and_no_other(
    manager: PluginManager,
    monkeypatch: pytest.MonkeyPatch,
    model: type[BaseModel],
    values: dict[str, str],
    problem: str,
) -> None:
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)

    manager.load_found([*found(Hotel(settings_model=model)), *found(Hotel(), "inn")])

    assert list(manager.plugins) == ["inn"]
    assert f"Plugin hotel cannot be set up: {problem}" in manager.missing["hotel"]
    assert "canary" not in manager.missing["hotel"]


def test_what_is_no_model_is_refused(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match="settings_model should be a pydantic model"):
        manager.load_found(found(Hotel(settings_model=dict), is_named=True))


def test_settings_are_shown_without_their_secrets() -> None:
    shown = list(shown_settings("hotel", HotelSettings(rooms=3)))

    assert shown == [
        ("INVITO_HOTEL_ROOMS", "3", "How many rooms there are."),
        ("INVITO_HOTEL_PASSWORD", "***", ""),
        ("INVITO_HOTEL_NOTE", "", ""),
    ]


@dataclass
class Login:
    user: str = "siri"
    password: str = field(default="canary", repr=False)


class Server(BaseModel):
    url: str
    hook: str = Field("canary", repr=False)
    login: Login = Login()
    token: SecretStr = SecretStr("canary")
    ports: list[int] = []


class Manifold(BaseModel):
    """Settings that are read as JSON, and some that are not."""

    days: dict[str, frozenset[Literal["mon", "tue", "wed"]]] = {}
    server: Server | None = None
    one: Server = Server(url="https://hotel.example")
    zone: ZoneInfo = ZoneInfo("Europe/Oslo")
    is_open: bool = True
    names: tuple[str, ...] = ("Åse",)


HIDDEN = '"hook": "***", "login": {"user": "siri", "password": "***"}, "token": "***"'


def test_settings_are_shown_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Manifold(days={"employee:1": frozenset({"tue", "mon"})}, server=Server(url="https://a.example", ports=[1]))

    shown = {variable: value for variable, value, _ in shown_settings("hotel", given)}
    for variable, value in shown.items():
        monkeypatch.setenv(variable, value)

    assert shown == {
        "INVITO_HOTEL_DAYS": '{"employee:1": ["mon", "tue"]}',
        "INVITO_HOTEL_SERVER": f'{{"url": "https://a.example", {HIDDEN}, "ports": [1]}}',
        "INVITO_HOTEL_ONE": f'{{"url": "https://hotel.example", {HIDDEN}, "ports": []}}',
        "INVITO_HOTEL_ZONE": "Europe/Oslo",
        "INVITO_HOTEL_IS_OPEN": "true",
        "INVITO_HOTEL_NAMES": '["Åse"]',
    }
    read = read_plugin_settings("hotel", Manifold)
    assert read.model_dump(exclude={"server", "one"}) == given.model_dump(exclude={"server", "one"})


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"INVITO_HOTEL_DAYS": '{"employee:1": ["canary"]}'},
            "INVITO_HOTEL_DAYS, \"employee:1\", item 1: Input should be 'mon', 'tue' or 'wed'.",
        ),
        ({"INVITO_HOTEL_SERVER": "{}"}, 'INVITO_HOTEL_SERVER, "url": Field required.'),
        (
            {"INVITO_HOTEL_ONE__URL": "u", "INVITO_HOTEL_ONE__PORTS": '["canary"]'},
            "INVITO_HOTEL_ONE__PORTS, item 1: Input should be a valid integer",
        ),
        ({"INVITO_HOTEL_ONE__PORTS": "[1]"}, "INVITO_HOTEL_ONE__URL: Field required."),
        ({"INVITO_HOTEL_ONE__PORTS": "canary"}, 'INVITO_HOTEL_ONE__PORTS: give JSON, such as ["a", "b"]'),
        ({"INVITO_HOTEL_DAYS": "canary"}, 'INVITO_HOTEL_DAYS: give JSON, such as ["a", "b"]'),
    ],
)
def test_a_wrong_value_within_a_setting_is_named_by_the_variable_that_was_set_and_its_place(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], problem: str
) -> None:
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)

    with pytest.raises(PluginError) as refused:
        read_plugin_settings("hotel", Manifold)

    assert str(refused.value).startswith(f"Plugin hotel cannot be set up: {problem}")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("ldap", "INVITO_LDAP_"),
        ("my.hotel-x", "INVITO_MY_HOTEL_X_"),
        ("invito_weekdays", "INVITO_WEEKDAYS_"),
        ("invito-my-hotel", "INVITO_MY_HOTEL_"),
        ("invitorium", "INVITO_INVITORIUM_"),
        ("invito", "INVITO_INVITO_"),
    ],
)
def test_the_variables_of_a_plugin_begin_with_its_name(name: str, prefix: str) -> None:
    assert settings_prefix(name) == prefix


def test_one_that_nobody_named_is_left_out_with_the_reason_and_the_others_are_loaded(manager: PluginManager) -> None:
    missing = MissingPlugin("gone", "Plugin gone cannot be imported: RuntimeError")
    without_hooks, good = FoundPlugin("empty", SimpleNamespace()), FoundPlugin("hotel", Hotel())

    manager.load_found([missing, without_hooks, good])

    assert list(manager.plugins) == ["hotel"]
    assert manager.missing["gone"] == "Plugin gone cannot be imported: RuntimeError"
    assert "has no hook" in manager.missing["empty"]


def test_one_that_was_named_stops_the_start(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match="gone"):
        manager.load_found([MissingPlugin("gone", "Plugin gone cannot be imported", is_named=True)])


def test_two_that_claim_the_same_stop_the_start_though_nobody_named_them(manager: PluginManager) -> None:
    first, second = Hotel(source=source("rooms")), Hotel(source=source("rooms"))

    with pytest.raises(PluginClash, match="Plugins inn and hotel both claim the key rooms"):
        manager.load_found([*found(first, "inn"), *found(second, "hotel")])
