"""Where plugins are found: in installed packages (entry points), in a folder, and by name."""

import difflib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from pathlib import Path
from types import ModuleType

from invito.plugins.failures import PluginError, described

ENTRY_POINT_GROUP = "invito"


@dataclass(frozen=True, slots=True)
class PluginPlaces:
    """`modules` are names of modules, or paths of files that end in `.py`.

    `blocked` are passed over, by the name of a plugin, of its package or of its file.
    """

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
    names: dict[str, _Candidate] = {}
    there: list[object] = []
    for one in _unblocked(places):
        try:
            found = one.get()
        except BaseException as problem:  # a module may raise anything while it is imported
            if isinstance(problem, KeyboardInterrupt):
                raise
            names[one.name] = one
            yield MissingPlugin(one.name, _why_not(one.name, problem), one.is_named)
            continue
        if any(found.plugin is other for other in there):
            continue
        if one.name in names:
            yield MissingPlugin(one.name, _of_one_name(names[one.name], one), one.is_named)
            continue
        names[one.name] = one
        there.append(found.plugin)
        yield found


def may_find_plugins(places: PluginPlaces) -> bool:
    """Whether anything is there that could be one; nothing is imported.

    :raises PluginError: there is no such folder.
    """
    return bool(_unblocked(places))


def names_of_plugins(places: PluginPlaces) -> list[str]:
    """The names of all that could be plugins, blocked ones too; nothing is imported.

    :raises PluginError: there is no such folder.
    """
    return [one.name for one in _candidates(places)]


def blocked_in_vain(places: PluginPlaces, built_in: Iterable[str]) -> list[str]:
    """A sentence for each blocked name that is no plugin's, with the one that may be meant; nothing is imported.

    :raises PluginError: there is no such folder.
    """
    names = {name for one in _candidates(places) for name in one.names}.union(built_in)
    known = {_normal(name): name for name in sorted(names)}
    return [_is_nowhere(name, known) for name in sorted(places.blocked) if _normal(name) not in known]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What could be a plugin. `origin` tells it from others of its name, and blocks it alone; `place` says it in words.

    `module` is what it would be named by with `--plugin`.
    """

    name: str
    origin: str
    place: str
    module: str
    get: Callable[[], FoundPlugin]
    is_named: bool = False

    @property
    def names(self) -> set[str]:
        """All that it can be blocked by."""
        return {self.name, self.origin, self.module}

    def is_blocked(self, blocked: Iterable[str]) -> bool:
        return not {_normal(name) for name in self.names}.isdisjoint(map(_normal, blocked))


def _unblocked(places: PluginPlaces) -> list[_Candidate]:
    """Whoever blocks a package's plugin means its module too, however that is asked for."""
    candidates = list(_candidates(places))
    modules = {one.module for one in candidates if one.is_blocked(places.blocked)}
    return [
        one for one in candidates if not one.is_blocked(places.blocked) and not (one.is_named and one.module in modules)
    ]


def _candidates(places: PluginPlaces) -> Iterator[_Candidate]:
    if places.looks_at_packages:
        for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
            yield _package_candidate(point)
    # A file that is named is one plugin, however often and by whatever path, and though it lies in the folder.
    named = {Path(name).resolve(): Path(name) for name in reversed(places.modules) if name.endswith(".py")}
    for file in _files_of(places.folder):
        if file.resolve() not in named:
            yield _file_candidate(file, is_named=False)
    for name in places.modules:
        if name.endswith(".py"):
            if named.pop(Path(name).resolve(), None) is not None:
                yield _file_candidate(Path(name), is_named=True)
        else:
            yield _Candidate(name, name, f"the module {name}", name, partial(_of_module, name), is_named=True)


def _package_candidate(point: EntryPoint) -> _Candidate:
    package = point.dist
    origin = point.value if package is None else package.name
    place = f"the module {point.value}" if package is None else f"the package {package.name} {package.version}"
    return _Candidate(point.name, origin, place, point.value, partial(_of_package, point))


def _file_candidate(file: Path, *, is_named: bool) -> _Candidate:
    get = partial(_of_file, file, is_named=is_named)
    return _Candidate(file.stem, str(file), f"the file {file}", str(file), get, is_named)


def _normal(name: str) -> str:
    """As names of packages are compared: `Invito-Hotel` is `invito_hotel`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_one_name(first: _Candidate, second: _Candidate) -> str:
    """How to block one of both: by its package or file, where that is not the name of both."""
    apart = [one.origin for one in (first, second) if _normal(one.origin) != _normal(one.name)]
    advice = f", or block one with INVITO_PLUGINS_BLOCKED={' or ='.join(apart)}" if apart else ""
    return (
        f"There is another plugin of the name {second.name}: {first.place} and {second.place} have it. "
        f"Rename one{advice}."
    )


def _is_nowhere(name: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(_normal(name), known, 1)
    meant = f": is {known[close[0]]} meant?" if close else "."
    return f"INVITO_PLUGINS_BLOCKED names {name}, and no plugin has that name{meant}"


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
