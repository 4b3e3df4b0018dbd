"""Where plugins are found: in installed packages (entry points), in a folder, and by name."""

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from pathlib import Path
from types import ModuleType

from invito.plugins.failures import PluginError, described

ENTRY_POINT_GROUP = "invito"


@dataclass(frozen=True, slots=True)
class PluginPlaces:
    """`modules` are names of modules, or paths of files that end in `.py`. `blocked` are names that are passed over."""

    modules: tuple[str, ...] = ()
    folder: Path | None = None
    blocked: frozenset[str] = frozenset()
    looks_at_packages: bool = True


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """A plugin, and the name that it is shown, blocked and set by. `is_named`: somebody asked for it by name."""

    name: str
    plugin: object
    version: str | None = None
    summary: str | None = None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class MissingPlugin:
    """One that cannot be imported; the message says why."""

    name: str
    message: str
    is_named: bool = False


def find_plugins(places: PluginPlaces) -> Iterator[FoundPlugin | MissingPlugin]:
    """Those of packages in the order of their names, then those of the folder, then those that are named.

    Each is found once, under the first of its names, and none that is blocked is imported. Whatever an import raises
    costs that plugin alone.
    """
    names: set[str] = set()
    there: list[object] = []
    for name, is_named, get in _candidates(places):
        if name in places.blocked:
            continue
        try:
            found = get()
        except BaseException as problem:  # a module may raise anything while it is imported
            if isinstance(problem, KeyboardInterrupt):
                raise
            names.add(name)
            yield MissingPlugin(name, _why_not(name, problem), is_named)
            continue
        if any(found.plugin is one for one in there):
            continue
        if name in names:
            yield MissingPlugin(name, f"There is another plugin of the name {name}: rename or block one.", is_named)
            continue
        names.add(name)
        there.append(found.plugin)
        yield found


def may_find_plugins(places: PluginPlaces) -> bool:
    """Whether anything is there that could be one; nothing is imported.

    :raises PluginError: there is no such folder.
    """
    return any(name not in places.blocked for name, _, _ in _candidates(places))


_Candidate = tuple[str, bool, Callable[[], FoundPlugin]]


def _candidates(places: PluginPlaces) -> Iterator[_Candidate]:
    if places.looks_at_packages:
        for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
            yield point.name, False, partial(_of_package, point)
    for file in _files_of(places.folder):
        yield file.stem, False, partial(_of_file, file, is_named=False)
    for name in places.modules:
        if name.endswith(".py"):
            path = Path(name)
            yield path.stem, True, partial(_of_file, path, is_named=True)
        else:
            yield name, True, partial(_of_module, name)


def _of_package(point: EntryPoint) -> FoundPlugin:
    package = point.dist
    summary = None if package is None else package.metadata["Summary"]
    return FoundPlugin(point.name, point.load(), None if package is None else package.version, summary)


def _of_module(name: str) -> FoundPlugin:
    module = importlib.import_module(name)
    summary = (module.__doc__ or "").strip().partition("\n")[0] or None
    try:
        package = distribution(name.partition(".")[0])
    except PackageNotFoundError:
        return FoundPlugin(name, module, None, summary, is_named=True)
    return FoundPlugin(name, module, package.version, summary, is_named=True)


def _of_file(file: Path, *, is_named: bool) -> FoundPlugin:
    module = _imported(file)
    summary = (module.__doc__ or "").strip().partition("\n")[0] or None
    return FoundPlugin(file.stem, module, None, summary, is_named)


def _imported(file: Path) -> ModuleType:
    """The module in a file, under a name that nothing installed has.

    :raises FileNotFoundError: there is no such file.
    """
    if file.is_dir():
        file = file / "__init__.py"
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    stem = file.parent.name if file.name == "__init__.py" else file.stem
    name = f"invito_plugin_{stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Before it is carried out, since dataclasses look their own module up there.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _files_of(folder: Path | None) -> Iterable[Path]:
    """The modules and packages of a folder, by name; what begins with `_` or `.` is none.

    :raises PluginError: there is no such folder.
    """
    if folder is None:
        return ()
    if not folder.is_dir():
        raise PluginError(f"There is no folder {folder} to load plugins from: make it, or mend INVITO_PLUGIN_FOLDER.")
    there = (one for one in folder.iterdir() if one.name[0] not in "._")
    return sorted(one for one in there if one.suffix == ".py" or (one / "__init__.py").is_file())


def _why_not(name: str, problem: BaseException) -> str:
    if isinstance(problem, ModuleNotFoundError) and problem.name not in (None, name, name.partition(".")[0]):
        return f"Plugin {name} needs {problem.name}, which is not installed here: pip install it beside Invito."
    return f"Plugin {name} cannot be imported: {described(problem)}{_place_of(problem)}"


def _place_of(problem: BaseException) -> str:
    """The line of the plugin that raised; nothing where there is no such plugin."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if "importlib" not in frame.filename]
    if not frames or frames[-1].filename == __file__:
        return ""
    return f" ({frames[-1].filename}:{frames[-1].lineno})"
