"""The typed clients, as they are made from the schema, work unedited against a running service (F32)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.e2e.conftest import KARI, Server, served_at
from tests.free_ports import free_port
from tests.node_programs import ROOT, made_clients, with_node


def test_the_typescript_client_walks_through_the_dialog(office: Server) -> None:
    run(["node", "--test", "generated/build/test/dialog.test.js"], made_clients(), INVITO_URL=office.url)


def test_the_python_client_walks_through_the_dialog(office: Server) -> None:
    python = ROOT / ".venv-ariadne/bin/python"
    client = made_clients()

    run([str(python), "test/dialog.py", office.url], client, PYTHONPATH=str(client / "generated/python"))


def test_the_python_client_shows_a_status_live_as_the_docs_say(office: Server, tmp_path: Path) -> None:
    client = made_clients()
    docs = (ROOT / "docs/spa.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n# status.py\n(.*?)```", docs, re.DOTALL)
    (tmp_path / "status.py").write_text(program.replace("http://127.0.0.1:8000/graphql", office.url), encoding="utf-8")
    command = [ROOT / ".venv-ariadne/bin/python", tmp_path / "status.py"]
    environment = with_node() | {"PYTHONPATH": str(client / "generated/python")}

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        told = watching.stdout.readline()
        watching.terminate()

    assert told == "0 of 1 accepted\n"


def test_the_manifest_that_the_code_generator_writes_is_trusted(tmp_path: Path) -> None:
    written = made_clients() / "generated/typescript/persisted-documents.json"
    trust = [sys.executable, "-m", "invito", "trust", str(written), "--output", str(tmp_path / "app.json")]
    run(trust, ROOT)
    named = next(id_ for id_, text in json.loads(written.read_text()).items() if "mutation CreateFollowUp" in text)
    draft = {"type": "TASK", "title": "Trusted", "start": "2031-03-03T10:00:00Z"}

    database = f"sqlite:///{tmp_path}/invito.sqlite3"
    with served_at(free_port(), database, tmp_path / "log", INVITO_TRUSTED_DOCUMENTS=str(tmp_path)) as office:
        body = {"documentId": named, "variables": {"input": draft}}
        answer = httpx2.post(office.url, json=body, headers={"X-Invito-Viewer": KARI})

    assert answer.json()["data"]["createFollowUp"]["followUp"]["title"] == "Trusted"


def run(command: list[str], folder: Path, **more: str) -> None:
    environment = with_node() | more
    done = subprocess.run(command, env=environment, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
