"""Real mail servers for tests, on free ports of the loopback, each in a folder of its own that goes with it."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from imap_tools import BaseMailBox, MailBoxUnencrypted

from tests.certificates import Certificates
from tests.free_ports import free_port

PASSWORD = "open-sesame"
_PATIENCE_SECONDS = 60
_NOBODY = 65534
# Every setting on a line of its own: Dovecot 2.3 reads no others.
_DOVECOT = """
protocols = imap lmtp
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
ssl_dh =
disable_plaintext_auth = no
auth_failure_delay = 0
recipient_delimiter = +
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 50
{more}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@dataclass
class Dovecot:
    """An IMAP server that takes mail by LMTP. Whatever user logs in with PASSWORD has a mailbox."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, user: str) -> str:
        return f"imap+plain://{user}:{PASSWORD}@127.0.0.1:{self.imap}"

    def deliver(self, to: str, *mails: bytes) -> None:
        """Put mails into a user's INBOX."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, local_hostname="localhost") as server:
            for mail in mails:
                server.sendmail("sender@elsewhere.example", [to], mail)

    def box(self, user: str, folder: str = "INBOX") -> BaseMailBox:
        """The mailbox as its owner's mail program sees it."""
        return MailBoxUnencrypted("127.0.0.1", self.imap).login(user, PASSWORD, folder)

    def start(self) -> None:
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        command = ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = subprocess.Popen([*(as_nobody if os.geteuid() == 0 else []), *command], start_new_session=True)
        wait_for_port(self.imap, self.process, self.folder / "log")
        wait_for_port(self.lmtp, self.process, self.folder / "log")

    def stop(self) -> None:
        """End all of its processes, as a power cut would: by itself it takes a second."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_SECONDS)
        # Its children hold the ports until they are gone too.
        while _listens(self.imap) or _listens(self.lmtp):
            time.sleep(0.01)


@contextmanager
def running_dovecot(certificates: Certificates, more: str = "") -> Iterator[Dovecot]:
    """A server that is up, with `more` lines of settings; its log is shown where a test fails."""
    if shutil.which("dovecot") is None:
        missing("Dovecot is not installed (apt-get install dovecot-imapd dovecot-lmtpd)")
    # Not below pytest's folder: the path of a socket has 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = Dovecot(folder, free_port(), free_port(), free_port())
        uid, gid = (_NOBODY, _NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        names = {"user": _user_name(uid), "group": _group_name(gid), "uid": uid, "gid": gid}
        ports = {"imap": server.imap, "imaps": server.imaps, "lmtp": server.lmtp}
        text = _DOVECOT.format(folder=folder, password=PASSWORD, more=more, **names, **ports)
        (folder / "dovecot.conf").write_text(text)
        certificates.write(folder)
        (folder / "mail").mkdir()
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, uid, gid)
        server.start()
        try:
            yield server
        finally:
            server.stop()
            # What a test writes is shown where it fails.
            sys.stderr.write((folder / "log").read_text())


def mail(subject: str = "Hello", body: str = "Hello", **headers: str) -> bytes:
    """A mail with a subject and a Message-ID of its own."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "sender@elsewhere.example"
    message["To"] = "kari@office.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@elsewhere.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def calendar_mail(subject: str = "Accepted") -> bytes:
    """A mail with a calendar in it, such as an answer is."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "sender@elsewhere.example"
    message["To"] = "kari@office.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@elsewhere.example>"
    message.set_content("See the calendar.")
    message.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until somebody listens there; the log is shown where nobody does."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _listens(port):
            return
        time.sleep(0.01)  # between two looks; what is waited for is the port
    pytest.fail(f"nobody listens at port {port}:\n{log.read_text() if log.exists() else 'no log'}")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def missing(reason: str) -> None:
    """Skip with the reason on a developer's machine; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _user_name(uid: int) -> str:
    import pwd

    return pwd.getpwuid(uid).pw_name


def _group_name(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name
