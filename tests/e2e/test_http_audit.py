"""GraphQL over HTTP as others check it: the audit of the npm package graphql-http."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.e2e.conftest import KARI, served
from tests.node_programs import with_node, with_npm


@pytest.fixture(scope="module")
def audit(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audit, installed."""
    environment = with_npm()
    tool = shared / "tools" / "graphql-http-audit"
    if not tool.is_dir():
        missing(f"{tool} is not there: set INVITO_SHARED to the folder with the audit")
    folder = tmp_path_factory.mktemp("audit")
    shutil.copytree(tool, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "install", "--no-audit", "--no-fund"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"npm does not install the audit: {done.stderr}")
    return folder


def test_every_audit_of_graphql_over_http_passes(audit: Path, tmp_path: Path) -> None:
    with served(f"sqlite:///{tmp_path}/invito.sqlite3", tmp_path / "log") as invito:
        command = ["node", "audit.mjs", invito.url, KARI]
        done = subprocess.run(command, env=with_node(), cwd=audit, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "61 of 61 pass", done.stdout + done.stderr
