"""Mails written to a folder, in place of a server: what the demo sends can be read there."""

import asyncio
import os
import re
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

from invito.plugins.mail import OutgoingMail
from invito.services.mail.transports import TemporaryFailure

_OUTSIDE_NAMES = re.compile(r"[^\w.-]+", re.ASCII)


class FolderTransport:
    """Each mail is a file, named by its Message-ID: a mail that goes out twice is there once.

    Return-Path and Delivered-To say what the envelope did, as a server that delivers writes it (RFC 5321 §4.4).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: OutgoingMail) -> str:
        """Write the mail; where to.

        :raises TemporaryFailure: the folder takes no file.
        """
        try:
            return await asyncio.to_thread(self._write, mail)
        except OSError as problem:
            raise TemporaryFailure(f"{self._folder}: {problem.strerror}") from problem

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _write(self, mail: OutgoingMail) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = file_of(self._folder, mail.message_id)
        unfinished = file.with_name(f".{file.stem}.part")
        with unfinished.open("wb") as there:
            there.write(_envelope(mail) + mail.raw)
            there.flush()
            os.fsync(there.fileno())
        unfinished.replace(file)
        return str(file)


def file_of(folder: Path, message_id: str) -> Path:
    """Where the mail of this Message-ID is, once it was written."""
    name = _OUTSIDE_NAMES.sub("_", message_id.strip("<>").partition("@")[0])
    return folder / f"{name}.eml"


def _envelope(mail: OutgoingMail) -> bytes:
    head = EmailMessage(SMTPUTF8)
    head["Return-Path"] = f"<{mail.mail_from}>"
    head["Delivered-To"] = mail.rcpt_to
    return head.as_bytes().removesuffix(b"\r\n")
