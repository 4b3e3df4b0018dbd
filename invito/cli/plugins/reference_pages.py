"""The reference for plugin authors, made from the hook specifications, the contract and the kit themselves."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from types import ModuleType

from invito import plugins
from invito.plugins import (
    authentication,
    contract,
    events,
    graphql_types,
    hookspecs,
    mail,
    names,
    paging,
    plugin_context,
    texts,
)
from invito.plugins.name_index import NameIndex
from invito.plugins.source import Source, SourceContext
from invito.plugins.testing import Facts, SourceContract
from invito.plugins.testing.checks import CHECKS
from invito.plugins.testing.report import promise_of
from invito.services.directory import Directory

_MODULE = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])")
_MEMBER = re.compile(r"<(\w+\.\w+): [^>]*>")
_FIELD = re.compile(r"^:(raises|param) ([\w.]+): ", re.MULTILINE)
_MORE = {
    "Events": events,
    "Mail": mail,
    "Starting": plugin_context,
    "Who asks": authentication,
    "The API": graphql_types,
}
_HEAD = """# Reference

Made by `make docs` from the code; a test fails where it is stale. Everything without a module is imported from
`invito.plugins`.
"""


def reference() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield from _section("Hooks", "A plugin implements those that it needs, each marked with `hookimpl`.")
    for function in _own_functions(hookspecs):
        yield from _function(function.__name__, function)
    yield from _section("Source", _text(Source))
    yield from _attributes(Source)
    for name in ("containers", "participants", "resolve", "find", "busy"):
        yield from _function(f"Source.{name}", getattr(Source, name))
    yield from _value(SourceContext)
    yield from _section("Values", _text(contract))
    for kind in _exported(contract):
        yield from _value(kind)
    for title, module in _MORE.items():
        yield from _section(title, _text(module))
        for kind in _exported(module):
            yield from _value(kind)
        for function in _own_functions(module):
            yield from _function(function.__name__, function)
    yield from _section("Pages and names", f"{_text(paging)}\n\n{_text(names)}")
    for module in (paging, names):
        for function in _own_functions(module):
            prefix = "" if function.__name__ in plugins.__all__ else "names."
            yield from _function(f"{prefix}{function.__name__}", function)
    yield from _function("NameIndex", NameIndex)
    yield from _function("NameIndex.page", NameIndex.page)
    yield from _section("Texts", _text(texts))
    yield from _constants(texts)
    for function in _own_functions(texts):
        yield from _function(function.__name__, function)
    yield from _section("What Invito keeps itself: `invito.services.directory.Directory`", _text(Directory))
    for name, method in vars(Directory).items():
        if not name.startswith("_"):
            yield from _function(f"Directory.{name}", getattr(method, "__func__", method))
    yield from _kit()


def _kit() -> Iterator[str]:
    yield from _section("The kit: `invito.plugins.testing`", _text(SourceContract))
    yield from _value(Facts)
    yield "### The promises\n"
    yield from (f"- `test_{check.__name__}`: {promise_of(check)}" for check in CHECKS)


def _section(title: str, text: str) -> list[str]:
    return [f"## {title}\n", f"{text}\n"]


def _value(kind: type) -> Iterator[str]:
    yield f"### {kind.__name__}\n"
    yield f"{_text(kind)}\n"
    if issubclass(kind, Enum):
        yield f"One of {', '.join(f'`{member.name}`' for member in kind)}.\n"
    if dataclasses.is_dataclass(kind):
        yield "```python"
        for field in dataclasses.fields(kind):
            if not field.name.startswith("_"):
                yield f"{field.name}: {_short(field.type)}{_default(field.default)}"
        yield "```\n"
        return
    for name, method in vars(kind).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            yield from _function(f"{kind.__name__}.{name}", method)


def _attributes(kind: type) -> Iterator[str]:
    yield "```python"
    for name, annotation in inspect.get_annotations(kind).items():
        yield f"{name}: {_short(annotation)}{_default(vars(kind).get(name, dataclasses.MISSING))}"
    yield "```\n"


def _constants(module: ModuleType) -> Iterator[str]:
    yield "```python"
    for name, value in vars(module).items():
        if name.isupper() and name in plugins.__all__:
            yield f"{name} = {value:_}"
    yield "```\n"


def _function(name: str, function: Callable[..., object]) -> Iterator[str]:
    yield f"### {name}\n"
    prefix = "async def " if inspect.iscoroutinefunction(function) else ""
    yield f"```python\n{prefix}{_short(f'{function.__name__}{inspect.signature(function)}')}\n```\n"
    yield f"{_text(function)}\n"


def _own_functions(module: ModuleType) -> Iterable[Callable[..., object]]:
    """The public functions that are written in the module, in their order."""
    return [
        value
        for name, value in vars(module).items()
        # One that keeps its answers is wrapped.
        if not name.startswith("_")
        and inspect.isfunction(inspect.unwrap(value))
        and value.__module__ == module.__name__
    ]


def _exported(module: ModuleType) -> Iterable[type]:
    """The classes of the module that authors import, in their order."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and value.__name__ in plugins.__all__
    ]


def _short(annotation: object) -> str:
    """A type as authors write it, without the modules that it comes from."""
    is_generic = hasattr(annotation, "__args__")
    text = annotation.__name__ if isinstance(annotation, type) and not is_generic else str(annotation)
    return _MEMBER.sub(r"\1", _MODULE.sub("", text)).replace("NoneType", "None").replace("~", "")


def _default(default: object) -> str:
    if default is dataclasses.MISSING:
        return ""
    return f' = "{default}"' if isinstance(default, str) else " = " + _MEMBER.sub(r"\1", repr(default))


def _text(thing: object) -> str:
    """What its docstring says, parameters and exceptions as a list."""
    return _FIELD.sub(lambda found: f"- {found[1]} `{found[2]}`: ", inspect.getdoc(thing) or "")
