"""The settings of a plugin: a pydantic model that it declares, read from `INVITO_<PLUGIN>_…`."""

import os
import re

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from invito.plugins.failures import PluginError, class_name

Location = tuple[int | str, ...]

_ATTRIBUTE = "settings_model"
_DELIMITER = "__"
_WORD = re.compile(r"[A-Za-z]\w*")
# Of the sentence that says which field's variable is no JSON, which nothing else does.
_FIELD = re.compile(r'field "([^"]+)"')


def settings_prefix(plugin: str) -> str:
    """What the variables of the plugin of this name begin with: `INVITO_LDAP_` for `ldap`.

    The same for `invito_ldap`, as its module is called, by which a plugin is named that is no installed package.
    """
    own = re.sub(r"^invito[-_](?=[A-Za-z0-9])", "", plugin, flags=re.IGNORECASE)
    return f"INVITO_{re.sub(r'[^A-Za-z0-9]+', '_', own).strip('_').upper()}_"


def settings_model_of(name: str, plugin: object) -> type[BaseModel] | None:
    """The model that the plugin declares as `settings_model`.

    :raises PluginError: it is no pydantic model.
    """
    model = getattr(plugin, _ATTRIBUTE, None)
    if model is None:
        return None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise PluginError(f"Plugin {name}: settings_model should be a pydantic model, a class with fields.")
    return model


def read_plugin_settings(name: str, model: type[BaseModel]) -> BaseModel:
    """The plugin's settings as the environment has them.

    :raises PluginError: a value is missing or wrong; the message names the variables, and no value.
    """
    prefix = settings_prefix(name)
    config = SettingsConfigDict(
        env_prefix=prefix, env_nested_delimiter=_DELIMITER, extra="ignore", hide_input_in_errors=True, frozen=True
    )
    try:
        reading = type(model.__name__, (model, BaseSettings), {"model_config": config, "__module__": model.__module__})
        settings: BaseModel = reading()
    except ValidationError as invalid:
        problems = "; ".join(_problem(prefix, error["loc"], error["msg"]) for error in invalid.errors())
    except SettingsError as unread:
        found = _FIELD.search(str(unread))
        problems = _problem(prefix, found.groups() if found else (), 'give JSON, such as ["a", "b"] or {"a": 1}')
    except BaseException as problem:  # a plugin's model may raise anything
        if isinstance(problem, KeyboardInterrupt):
            raise
        problems = f"its settings_model failed ({class_name(problem)})"
    else:
        return settings
    # Without what was raised, which may hold values.
    raise PluginError(f"Plugin {name} cannot be set up: {problems}.")


def variables_of(name: str, settings: BaseModel | None) -> set[str]:
    """The variables that a plugin's settings are read from, nested ones as a whole."""
    fields = {} if settings is None else type(settings).model_fields
    aliases = {one.alias.upper() for one in fields.values() if one.alias is not None}
    return aliases | {settings_prefix(name) + field.upper() for field in fields}


def _problem(prefix: str, location: Location, message: str) -> str:
    if not location:
        return f"the settings: {message.removeprefix('Value error, ')}"
    variable, place = _variable_of(prefix, location)
    return f"{', '.join([variable, *map(_in_words, place)])}: {message.removeprefix('Value error, ')}"


def _variable_of(prefix: str, location: Location) -> tuple[str, Location]:
    """The variable that was set, and the place within its value; the whole field's where none was."""
    set_ones = {variable.upper() for variable in os.environ}
    names = [prefix + _DELIMITER.join(map(str, location[:most])).upper() for most in range(1, len(location) + 1)]
    longest = max((most for most, name in enumerate(names, 1) if name in set_ones), default=None)
    if longest is not None:
        return names[longest - 1], location[longest:]
    # A value that is missing beside others of a variable each, such as …_SERVER__URL beside …_SERVER__PORT.
    begun = sorted(one for one in set_ones if one.startswith(names[0] + _DELIMITER))
    if begun and len(location) > 1 and all(_WORD.fullmatch(str(step)) for step in location):
        return names[-1], ()
    return " or ".join(begun) or names[0], location[1:]


def _in_words(step: int | str) -> str:
    if isinstance(step, int):
        return f"item {step + 1}"
    return "its name" if step == "[key]" else f'"{step}"'
