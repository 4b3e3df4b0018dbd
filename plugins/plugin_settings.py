"""The settings of a plugin: a pydantic model that it declares, read from `INVITO_<PLUGIN>_…`."""

import re
from collections.abc import Iterator

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from invito.plugins.failures import PluginError, class_name

_ATTRIBUTE = "settings_model"
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
        env_prefix=prefix, env_nested_delimiter="__", extra="ignore", hide_input_in_errors=True, frozen=True
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


def shown_settings(name: str, settings: BaseModel | None) -> Iterator[tuple[str, str, str]]:
    """The variables of a plugin's settings, what each is now (secrets as ***), and what it is for."""
    if settings is None:
        return
    for field, info in type(settings).model_fields.items():
        value = getattr(settings, field)
        text = "***" if isinstance(value, SecretStr | SecretBytes) else "" if value is None else str(value)
        yield settings_prefix(name) + field.upper(), text, info.description or ""


def _problem(prefix: str, location: tuple[int | str, ...], message: str) -> str:
    variable = prefix + "__".join(str(step) for step in location).upper() if location else "the settings"
    return f"{variable}: {message.removeprefix('Value error, ')}"
