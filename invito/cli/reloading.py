"""A demo that starts anew when a plugin that is being written is saved."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

# What is loaded here cannot be unloaded: whether the new version can be is tried in a process of its own.
_TRIAL = """
import sys
from invito.cli.plugin_option import with_plugins
from invito.opening import load_plugins
from invito.plugins.failures import PluginError
from invito.settings import read_settings
try:
    load_plugins(with_plugins(read_settings(), sys.argv[1:]))
except PluginError as problem:
    sys.exit(str(problem))
"""


class PluginFiles:
    """The files of the plugins that were named, and whether one was saved since they were looked at."""

    def __init__(self, plugins: Sequence[str]) -> None:
        self._plugins = plugins
        self._saved = self._times()

    def were_saved(self) -> bool:
        """True once after each save."""
        before, self._saved = self._saved, self._times()
        return before != self._saved

    def problem(self) -> str | None:
        """Why the plugins cannot be loaded as they are now."""
        trial = subprocess.run(  # noqa: S603  # our own program, on modules that were named to it
            [sys.executable, "-c", _TRIAL, *self._plugins], capture_output=True, text=True, check=False
        )
        return None if trial.returncode == 0 else (trial.stderr.strip().splitlines() or ["no word was said"])[-1]

    def _times(self) -> Mapping[Path, int]:
        return {file: file.stat().st_mtime_ns for name in self._plugins for file in _files_of(name) if file.is_file()}


def start_anew(port: int) -> None:
    """Take this process over with the same command, at the same port."""
    typer.echo("A plugin was saved: starting anew.")
    arguments = sys.argv[1:]
    if "--port" in arguments:
        arguments[arguments.index("--port") + 1] = str(port)
    else:
        arguments += ["--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "invito", *arguments])  # noqa: S606  # our own command


def _files_of(plugin: str) -> Sequence[Path]:
    if plugin.endswith(".py"):
        return [Path(plugin)]
    file = getattr(sys.modules.get(plugin), "__file__", None)
    if file is None:
        return []
    path = Path(file)
    return sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
