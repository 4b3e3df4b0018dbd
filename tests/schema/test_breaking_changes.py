"""What breaks clients of the schema as it was released stands in docs/changes.md."""

import json
import subprocess
from pathlib import Path
from typing import TypedDict

import pytest

from tests.node_programs import ROOT, made_clients, with_node

RELEASED = ROOT / "schema/released.graphql"
CHANGES = ROOT / "docs/changes.md"


class Change(TypedDict):
    path: str
    message: str


def breaking(older: Path, newer: Path) -> list[Change]:
    command = ["node", str(made_clients() / "breaking-changes.mjs"), str(older), str(newer)]
    done = subprocess.run(command, env=with_node(), check=True, capture_output=True, text=True)
    changes: list[Change] = json.loads(done.stdout)
    return changes


def test_a_change_that_breaks_clients_is_written_down() -> None:
    told = CHANGES.read_text(encoding="utf-8")

    untold = [one for one in breaking(RELEASED, ROOT / "schema/schema.graphql") if f"`{one['path']}`" not in told]

    assert not untold, f"say in {CHANGES.name} what clients do about it, each with its path in backticks"


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("  revision: Int!\n", "", "FollowUp.revision"),
        ("  location: String\n", "  location: String!\n", "CreateFollowUpInput.location"),
        ("  NB\n", "", "Language.NB"),
    ],
)
def test_what_breaks_clients_is_seen(before: str, after: str, path: str, tmp_path: Path) -> None:
    plain = subprocess.run(
        ["node", "-e", _WITHOUT_DESCRIPTIONS, str(RELEASED)],
        env=with_node(), cwd=made_clients(), check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    (tmp_path / "older.graphql").write_text(plain, encoding="utf-8")
    (tmp_path / "newer.graphql").write_text(plain.replace(before, after), encoding="utf-8")

    assert path in {one["path"] for one in breaking(tmp_path / "older.graphql", tmp_path / "newer.graphql")}


_WITHOUT_DESCRIPTIONS = """
const { parse, print, visit } = require('graphql')
const text = require('fs').readFileSync(process.argv[1], 'utf8')
console.log(print(visit(parse(text), { enter: (node) => ({ ...node, description: undefined }) })))
"""
