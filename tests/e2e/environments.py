"""A virtual environment of its own, with the wheel of Invito and what that needs."""

import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import missing
from tests.e2e.conftest import served

ROOT = Path(__file__).parents[2]


class Environment:
    """A virtual environment, and what is run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / "bin" / "python"

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [self.python, *arguments]
        return subprocess.run(
            command, cwd=cwd or self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def pip(self, *arguments: str | Path) -> None:
        done = self.run("-m", "pip", *arguments)
        if done.returncode and any(sign in done.stderr for sign in ("No matching distribution", "ConnectionError")):
            missing(f"pip cannot install: {done.stderr.splitlines()[-1]}")
        assert done.returncode == 0, done.stderr

    def serve(self, **settings: str) -> Any:
        database = f"sqlite:///{self.folder / 'demo.sqlite3'}"
        return served(database, self.folder / "log", python=self.python, **settings)


def wheel_of(project: Path, folder: Path) -> Path:
    """The wheel of a project, built into the folder."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=project, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def fresh_environment(folder: Path) -> Environment:
    """One with the wheel of Invito alone, and what that needs."""
    fresh = Environment(folder)
    fresh.pip("install", "--constraint", ROOT / "constraints.txt", wheel_of(ROOT, folder / "dist"))
    return fresh
