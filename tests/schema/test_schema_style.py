"""The schema and the operations of the typed clients read as others keep theirs."""

import subprocess

from tests.node_programs import made_clients, with_node


def test_the_schema_and_the_operations_keep_the_rules() -> None:
    command = ["npm", "run", "--silent", "lint"]

    done = subprocess.run(command, env=with_node(), cwd=made_clients(), check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
