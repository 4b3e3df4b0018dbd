"""The schema in the repository is the one that is served."""

from pathlib import Path

from invito.schema import build_schema

_FILE = Path(__file__).parents[2] / "schema" / "schema.graphql"


def test_the_schema_file_is_what_the_code_says() -> None:
    served = build_schema().as_str()

    written = _FILE.read_text(encoding="utf-8")

    assert written.strip() == served.strip(), "stale: run `make schema`"
