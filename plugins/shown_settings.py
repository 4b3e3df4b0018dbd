"""A plugin's settings as they are shown: each as its variable would be read, with no secret in it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

from invito.plugins.plugin_settings import settings_prefix

_HIDDEN = "***"


def shown_settings(name: str, settings: BaseModel | None) -> Iterator[tuple[str, str, str]]:
    """The variables of a plugin's settings, what each is now, and what it is for.

    Secrets are ***, and so is a field that its model leaves out of its `repr`.
    """
    if settings is None:
        return
    for field, info in type(settings).model_fields.items():
        yield (
            settings_prefix(name) + field.upper(),
            _as_read(_field(settings, field, info.repr)),
            info.description or "",
        )


def _as_read(value: object) -> str:
    """A text as it stands, everything else as JSON; nothing for None."""
    plain = _plain(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(value: object) -> object:
    match value:
        case SecretStr() | SecretBytes():
            return _HIDDEN
        case BaseModel():
            known = type(value).model_fields.items()
            return {name: _plain(_field(value, name, info.repr)) for name, info in known}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: _plain(_field(value, field.name, field.repr)) for field in fields(value)}
        case Mapping():
            return {str(_plain(key)): _plain(one) for key, one in value.items()}
        case set() | frozenset():
            # In one order, whatever that of the set is in this process.
            return sorted((_plain(one) for one in value), key=str)
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return to_jsonable_python(value, fallback=str)


def _field(value: object, name: str, is_shown: bool) -> object:
    return getattr(value, name) if is_shown else _HIDDEN
