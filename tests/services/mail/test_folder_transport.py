"""Mails as files in a folder, which the demo writes in place of sending them."""

import asyncio
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from invito.plugins.mail import OutgoingMail
from invito.services.mail.folder_transport import FolderTransport
from invito.services.mail.transports import TemporaryFailure


def mail(message_id: str = "<a-1@nordlys.example>", raw: bytes = b"Subject: x\r\n\r\nHei\r\n") -> OutgoingMail:
    return OutgoingMail(message_id, "invito+tag@nordlys.example", "per@kunde.example", raw)


def test_a_mail_is_a_file_with_its_envelope(tmp_path: Path) -> None:
    where = asyncio.run(FolderTransport(tmp_path / "var" / "mail").send(mail()))

    message = message_from_bytes(Path(where).read_bytes(), policy=policy.default)
    assert (message["Return-Path"], message["Delivered-To"]) == ("<invito+tag@nordlys.example>", "per@kunde.example")
    assert (message["Subject"], message.get_payload()) == ("x", "Hei\r\n")
    assert [file.name for file in Path(where).parent.iterdir()] == ["a-1.eml"]


def test_a_mail_that_goes_out_twice_is_there_once(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path)

    for _ in range(2):
        asyncio.run(folder.send(mail()))

    assert len(list(tmp_path.iterdir())) == 1


def test_no_message_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    asyncio.run(FolderTransport(tmp_path / "mail").send(mail("<../../x/y@nordlys.example>")))

    assert [file.name for file in tmp_path.iterdir()] == ["mail"]
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_a_folder_that_cannot_be_written_to_puts_mails_off(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")

    with pytest.raises(TemporaryFailure, match="mail"):
        asyncio.run(FolderTransport(tmp_path / "mail").send(mail()))
