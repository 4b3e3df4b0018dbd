"""`invito trust`, and a service that trusts what it wrote."""

import json
import os
import subprocess
import sys
from hashlib import sha1, sha256
from pathlib import Path

from typer.testing import CliRunner

from invito.cli import app

WHO = "query Who { viewer { isAdministrator } }\n"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def trust(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["trust", *map(str, arguments)])
    return done.exit_code, done.output


def test_a_manifest_has_the_files_to_the_letter_by_their_hashes(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "who.graphql").write_bytes(WHO.encode())
    (tmp_path / "sources.gql").write_bytes("# æ\r\n{ participantSources { key } }".encode())
    (tmp_path / "notes.txt").write_text("{ nothing }")

    code, told = trust(tmp_path)
    again, _ = trust(tmp_path, "--output", tmp_path / "out.json")

    assert code == again == 0
    written = json.loads((tmp_path / "trusted-documents.json").read_text())
    assert set(written.values()) == {WHO, "# æ\r\n{ participantSources { key } }"}
    assert all(hash_of(text) == named for named, text in written.items())
    assert f"sha256:{hash_of(WHO)}  deep/who.graphql" in told
    assert json.loads((tmp_path / "out.json").read_text()) == written


def test_nothing_is_written_where_a_document_is_not_valid(tmp_path: Path) -> None:
    (tmp_path / "good.graphql").write_text(WHO)
    (tmp_path / "bad.graphql").write_text("{\n  nothing\n}")

    code, told = trust(tmp_path)

    assert code == 1
    assert "bad.graphql: line 2: Cannot query field 'nothing' on type 'Query'." in told
    assert not (tmp_path / "trusted-documents.json").exists()


def test_whoever_shares_fragments_between_files_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_text("{ viewer { ...Who } }")

    code, told = trust(tmp_path)

    assert code == 1
    assert "Unknown fragment 'Who'" in told
    assert "code generator" in told


SOURCES = "fragment Key on ParticipantSource { key } query Sources { participantSources { ...Key } }"


def test_a_manifest_of_a_code_generator_is_taken_too(tmp_path: Path) -> None:
    apollo = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": hash_of(text), "name": "One", "type": "query", "body": text} for text in (WHO, SOURCES)],
    }
    for manifest in ({f"sha256:{hash_of(text)}": text for text in (WHO, SOURCES)}, apollo):
        (tmp_path / "persisted-documents.json").write_text(json.dumps(manifest))

        code, told = trust(tmp_path / "persisted-documents.json")

        assert code == 0
        assert f"sha256:{hash_of(SOURCES)}  Sources\n" in told
        written = json.loads((tmp_path / "trusted-documents.json").read_text())
        assert written == {hash_of(text): text for text in (WHO, SOURCES)}


def test_a_manifest_whose_ids_are_other_hashes_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "persisted-documents.json").write_text(json.dumps({sha1(WHO.encode()).hexdigest(): WHO}))

    code, told = trust(tmp_path / "persisted-documents.json")
    missing_code, missing = trust(tmp_path / "nowhere.json")

    assert code == missing_code == 1
    assert "is not the SHA-256 of its document. A SHA-256 has 64 digits, and not 40." in told
    assert "nowhere.json cannot be read: No such file or directory." in missing
    assert not (tmp_path / "trusted-documents.json").exists()


def test_a_folder_without_documents_is_told(tmp_path: Path) -> None:
    code, told = trust(tmp_path)

    assert code == 1
    assert "has no files that end in .graphql or .gql" in told


def test_a_service_does_not_start_with_a_document_that_is_not_valid(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps({"a": WHO}))
    environment = {"INVITO_TRUSTED_DOCUMENTS": str(tmp_path), "INVITO_DATABASE_URL": f"sqlite:///{tmp_path}/a.sqlite3"}

    command = [sys.executable, "-m", "invito", "serve", "--demo", "--port", "0"]
    served = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    checked = CliRunner().invoke(app, ["check", "--demo"], env=environment)

    assert served.returncode == checked.exit_code == 1
    for told in (served.stderr, checked.output):
        assert "old.json: a is not the SHA-256 of its document." in told
    assert "INVITO_TRUSTED_DOCUMENTS" in served.stderr
    assert not (tmp_path / "a.sqlite3").exists()


def test_a_good_manifest_is_good_to_check(tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_text(WHO)
    _, told = trust(tmp_path)
    environment = {"INVITO_TRUSTED_DOCUMENTS": str(tmp_path), "INVITO_DATABASE_URL": f"sqlite:///{tmp_path}/a.sqlite3"}

    checked = CliRunner().invoke(app, ["check", "--demo"], env=environment)

    assert "1 document is in" in told
    assert "1 document is trusted" in checked.output
