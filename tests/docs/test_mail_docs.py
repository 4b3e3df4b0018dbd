"""What docs/mail.md shows can be pasted."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.services.storage.migrating import upgrade
from invito.settings import Settings
from tests.conftest import missing

DOCS = Path(__file__).parents[2]
MAIL = (DOCS / "docs" / "mail.md").read_text(encoding="utf-8")
SECRET = "shared with the provider"


def test_its_operations_are_ones_of_the_schema() -> None:
    schema = build_schema((DOCS / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    operations = re.findall(r"```graphql\n(.*?)```", MAIL, re.DOTALL)

    assert len(operations) >= 6
    for operation in operations:
        assert validate(schema, parse(operation)) == [], operation


@pytest.mark.parametrize(
    ("secret", "answer"), [(SECRET, b'{"status":"kept"}'), ("another", b"webhook-signature is not right")]
)
async def test_its_command_signs_a_mail_for_the_inbound_address(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    answer: bytes,
    listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]],
) -> None:
    if shutil.which("curl") is None or shutil.which("openssl") is None:
        missing("curl or openssl is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.eml").write_bytes(b"From: siri@kunde.example\r\nSubject: Hei\r\n\r\nHei\r\n")
    settings = Settings(database_url=f"sqlite:///{tmp_path}/office.sqlite3", inbound_secret=SECRET, mail_worker=False)
    await upgrade(settings.database_url)
    (command,) = re.findall(r"```sh\n(mail=.*?)```", MAIL, re.DOTALL)

    async with listening(create_app(settings.for_demo(), demo=True)) as address:
        shell = await asyncio.create_subprocess_exec(
            *("sh", "-c", command.replace("http://127.0.0.1:8000", address)),
            cwd=tmp_path, env=os.environ | {"INVITO_INBOUND_SECRET": secret}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await shell.communicate()

    assert answer in said
