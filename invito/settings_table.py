"""The settings as a table, for README and for `invito settings`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pydantic import SecretStr

from invito.mail_settings import MailSettings
from invito.settings import Settings
from invito.variables import variable_of


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting; `value` is what it is now, in the form of an environment variable."""

    variable: str
    default: str
    value: str
    description: str


def setting_rows(settings: Settings | None = None) -> Iterator[SettingRow]:
    """All settings, those about mail last; without settings, the values are the defaults."""
    for name, field in sorted(Settings.model_fields.items(), key=lambda item: item[0] in MailSettings.model_fields):
        default = _text(field.default)
        value = default if settings is None else _text(getattr(settings, name))
        yield SettingRow(variable_of(name), default, value, field.description or "")


def as_markdown() -> str:
    """The table in the README."""
    lines = [f"| `{row.variable}` | {_code(row.default)} | {row.description} |" for row in setting_rows()]
    return "\n".join(["| variable | default | |", "| --- | --- | --- |", *lines])


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return str(value.value if isinstance(value, Enum) else value)
