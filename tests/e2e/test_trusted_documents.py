"""A service that carries out trusted documents alone proposes what it carries out."""

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.conftest import missing
from tests.e2e.conftest import served_at
from tests.free_ports import free_port

ONE = "query One($id: ID!) { followUp(id: $id) { title } }"
READY = """query Who($language: Language! = NB) {
    viewer { isAdministrator } participantSources { label(language: $language) } }"""


def greeting(folder: Path, *documents: str) -> tuple[str, str]:
    """What is proposed, and what it answers in a shell."""
    (folder / "trusted").mkdir()
    manifest = {sha256(text.encode()).hexdigest(): text for text in documents}
    (folder / "trusted" / "app.json").write_text(json.dumps(manifest))
    database, log = f"sqlite:///{folder}/invito.sqlite3", folder / "log"
    with served_at(free_port(), database, log, INVITO_TRUSTED_DOCUMENTS=str(folder / "trusted")):
        told = log.read_text()
        (proposed,) = re.findall(r"^Try +(.+)$", told, re.MULTILINE)
        assert "GraphiQL" not in told
        if not proposed.startswith("curl"):
            return proposed, ""
        return proposed, subprocess.run(["sh", "-c", proposed], capture_output=True, text=True, check=True).stdout


def test_the_start_proposes_a_trusted_query_that_wants_no_variables(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        missing("curl is not installed")

    proposed, answer = greeting(tmp_path, ONE, READY)

    assert f"sha256:{sha256(READY.encode()).hexdigest()}" in proposed
    assert json.loads(answer)["data"]["viewer"] == {"isAdministrator": False}


def test_the_start_says_why_it_proposes_nothing(tmp_path: Path) -> None:
    proposed, _ = greeting(tmp_path, ONE, "mutation { __typename }", "query A { __typename } query B { __typename }")

    assert proposed == "your client: no trusted document is a query that wants no variables"
