"""The typed clients, as they are made from the schema, work unedited against a running service (F32)."""

import subprocess
from pathlib import Path

from tests.e2e.conftest import Server
from tests.node_programs import ROOT, made_clients, with_node


def test_the_typescript_client_walks_through_the_dialog(office: Server) -> None:
    run(["node", "--test", "generated/build/test/dialog.test.js"], made_clients(), INVITO_URL=office.url)


def test_the_python_client_walks_through_the_dialog(office: Server) -> None:
    python = ROOT / ".venv-ariadne/bin/python"
    client = made_clients()

    run([str(python), "test/dialog.py", office.url], client, PYTHONPATH=str(client / "generated/python"))


def run(command: list[str], folder: Path, **more: str) -> None:
    environment = with_node() | more
    done = subprocess.run(command, env=environment, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
