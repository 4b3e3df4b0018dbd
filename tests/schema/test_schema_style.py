"""The schema and the operations of the typed clients read as others keep theirs."""

import subprocess

from tests.node_programs import ROOT, made_clients, with_node


def test_the_schema_and_the_operations_keep_the_rules() -> None:
    client = made_clients().relative_to(ROOT)
    files = ["schema/schema.graphql", str(client / "operations")]
    command = [str(client / "node_modules/.bin/eslint"), "--config", str(client / "eslint.config.js"), *files]

    done = subprocess.run(command, env=with_node(), cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
