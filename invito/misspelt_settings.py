"""Variables of the environment that look like settings and are none."""

import difflib
import os
from collections.abc import Iterable, Mapping

from invito.plugins.plugin_settings import settings_prefix
from invito.settings import Settings
from invito.variables import PREFIX, variable_of

# Read by the tests, not by the program.
_OTHER_VARIABLES = {"INVITO_SHARED", "INVITO_TEST_POSTGRES", "INVITO_TEST_REDIS"}
_NO_PLUGINS: Mapping[str, Iterable[str]] = {}


def misspelt(
    environment: Mapping[str, str] = os.environ,
    plugins: Mapping[str, Iterable[str]] = _NO_PLUGINS,
    not_loaded: Iterable[str] = (),
) -> list[str]:
    """The variables with our prefix that are no setting, each with the one that may be meant.

    `plugins` has the variables of each that is loaded; those of one that is not loaded are its to know.
    """
    known = {variable_of(name) for name in Settings.model_fields}.union(*plugins.values())
    prefixes = {settings_prefix(name) for name in plugins}
    theirs = tuple({settings_prefix(name) for name in not_loaded} - prefixes)
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name not in _OTHER_VARIABLES)
    return [
        _is_unknown(name, known, prefixes)
        for name in unknown
        if known.isdisjoint((name.upper(), name.upper().partition("__")[0])) and not name.upper().startswith(theirs)
    ]


def _is_unknown(name: str, known: set[str], prefixes: set[str]) -> str:
    """What all of a plugin's variables begin with says nothing of which one is meant."""
    shared = max((one for one in {PREFIX, *prefixes} if name.upper().startswith(one)), key=len)
    rest = [one.removeprefix(shared) for one in known if one.startswith(shared)]
    close = difflib.get_close_matches(name.upper().removeprefix(shared), rest, 1)
    return f"{name} is no setting{f': is {shared}{close[0]} meant?' if close else '.'}"
