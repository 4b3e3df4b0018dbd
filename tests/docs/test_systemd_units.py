"""The units in docs/systemd are ones that systemd takes, and shut in what runs there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing

UNITS = Path(__file__).parents[2] / "docs" / "systemd"
NAMES = ("invito.service", "invito-worker.service")


@pytest.fixture
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        missing("systemd-analyze is not installed: apt install systemd")
    return program


@pytest.mark.parametrize("name", NAMES)
def test_systemd_finds_nothing_wrong_with_a_unit(analyze: str, tmp_path: Path, name: str) -> None:
    # What the unit names need not be installed here.
    text = (UNITS / name).read_text().replace("/opt/invito/.venv/bin/invito", "/bin/true")
    unit = tmp_path / name
    unit.write_text(text)

    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert name not in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_what_runs_in_a_unit_can_do_little_else(analyze: str, name: str) -> None:
    command = [analyze, "security", "--offline=yes", "--threshold=20", str(UNITS / name)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_both_units_differ_in_what_they_run_alone() -> None:
    own = re.compile(r"^(Description|Environment|ExecStart|#).*\n", re.MULTILINE)

    serve, worker = (own.sub("", (UNITS / name).read_text()) for name in NAMES)

    assert serve == worker
