"""Whatever a schema allows to be asked is answered, or refused with a code: operations made up by schemathesis."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import KARI, Server

_FOLDER = Path(__file__).parent / "fuzzing"
# At most, of each field of Query and Mutation: some 2,500 in all.
_EXAMPLES = 25


@pytest.mark.parametrize("viewer", [KARI, "admin@nordlys.example"], ids=["an employee", "an administrator"])
def test_no_operation_fails_in_a_way_that_nobody_expected(office: Server, viewer: str, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", office.url, "--header", f"X-Invito-Viewer: {viewer}",
        "--checks", "nothing_unexpected", "--phases", "fuzzing", "--max-examples", str(_EXAMPLES),
        "--generation-deterministic", "--continue-on-failure", "--no-color",
    ]  # fmt: skip
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(_FOLDER)}

    done = subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
