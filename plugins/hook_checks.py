"""Whether a plugin's hooks are ones that there are, with arguments that they have: told in our words, not pluggy's."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import pluggy

from invito.plugins import hookspecs
from invito.plugins.failures import PluginError


def check_hooks(name: str, plugin: object, registry: pluggy.PluginManager) -> None:
    """
    :raises PluginError: a hook is misspelt, or cannot be called as it is written; the message says how it is.
    """
    for hook, function in _marked(plugin, registry):
        _check_name(name, hook)
        specification: Callable[..., object] = getattr(hookspecs, hook)
        _check_arguments(f"Plugin {name}: {hook}", function, list(inspect.signature(specification).parameters))
        if inspect.iscoroutinefunction(function) and "Awaitable" not in str(specification.__annotations__["return"]):
            raise PluginError(f"Plugin {name}: {hook} is called as a plain function: write `def`, not `async def`.")


def _marked(plugin: object, registry: pluggy.PluginManager) -> Iterator[tuple[str, Callable[..., object]]]:
    for attribute in dir(plugin):
        options = registry.parse_hookimpl_opts(plugin, attribute)
        if options is not None and not (options["optionalhook"] or options["wrapper"] or options["hookwrapper"]):
            yield options["specname"] or attribute, getattr(plugin, attribute)


def _check_name(plugin: str, hook: str) -> None:
    hooks = [name for name in vars(hookspecs) if name.startswith("invito_")]
    if hook in hooks:
        return
    close = get_close_matches(hook, hooks, 1)
    meant = f"Did you mean {close[0]}? {_arguments_of(close[0])}" if close else f"There are {', '.join(hooks)}."
    raise PluginError(f"Plugin {plugin}: there is no hook {hook}. {meant}")


def _check_arguments(subject: str, function: Callable[..., object], known: Sequence[str]) -> None:
    wanted = [one for one in _parameters(function).values() if one.default is one.empty]
    for one in wanted:
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            continue
        if one.name not in known:
            close = get_close_matches(one.name, known, 1)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise PluginError(f"{subject} has no argument {one.name}.{meant} {_listed(known)}")
        if one.kind is one.KEYWORD_ONLY:
            raise PluginError(f"{subject} is called by position: leave out the * before {one.name}. {_listed(known)}")


def _parameters(function: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _arguments_of(hook: str) -> str:
    return _listed(list(_parameters(getattr(hookspecs, hook))))


def _listed(arguments: Sequence[str]) -> str:
    if not arguments:
        return "It has no arguments."
    return f"Its arguments are {', '.join(arguments)}; leave out those that you do not need."
