"""The examples as their users have them: built as wheels, installed, and found by a running Invito."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import database, database_url, postgres_template, sqlite_template
from tests.e2e.conftest import Server, served
from tests.e2e.environments import wheel_of

__all__ = ["Houses", "database", "database_url", "houses", "postgres_template", "sqlite_template"]

HERE = Path(__file__).parent
# Tests of an example's own import it from where it is written, and what stands beside them; it is installed nowhere but
# below.
sys.path.extend(str(source) for part in ("src", "tests") for source in sorted(HERE.glob(f"*/{part}")))


@dataclass
class Houses:
    """Starts demo houses that have examples installed beside them."""

    folder: Path
    _installed: dict[str, Path] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where all of its houses write."""
        return self.folder / "log"

    @contextmanager
    def serve(self, *examples: str, database_url: str | None = None, **settings: str) -> Iterator[Server]:
        """A demo office with these examples, on SQLite unless told otherwise."""
        url = database_url or f"sqlite:///{self.folder / 'demo.sqlite3'}"
        path = ":".join(str(self.installed(example)) for example in examples)
        with served(url, self.log, PYTHONPATH=path, **settings) as server:
            yield server

    def run(self, *arguments: str, examples: tuple[str, ...], **settings: str) -> subprocess.CompletedProcess[str]:
        """`invito …` with these examples installed, on a database of its own (`migrate` makes it)."""
        path = ":".join(str(self.installed(example)) for example in examples)
        environment = {
            "PYTHONPATH": path,
            "INVITO_DATABASE_URL": f"sqlite:///{self.folder / 'run.sqlite3'}",
            **settings,
        }
        command = [sys.executable, "-m", "invito", *arguments]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)

    def installed(self, example: str) -> Path:
        """Where the wheel of this example is installed, its requirements being those of the tests."""
        if example not in self._installed:
            place = self.folder / example
            wheel = wheel_of(HERE / example, place / "dist")
            install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
            subprocess.run([*install, str(place / "site"), str(wheel)], check=True, capture_output=True)
            self._installed[example] = place / "site"
        return self._installed[example]


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Houses:
    return Houses(tmp_path_factory.mktemp("houses"))
