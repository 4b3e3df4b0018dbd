"""A real LDAP server for tests, OpenLDAP's slapd, on a free port of the loopback with a folder of its own."""

import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Certificates
from tests.free_ports import free_port
from tests.mail_servers import missing, wait_for_port

SUFFIX = "dc=nordlys,dc=example"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
READER, PASSWORD = f"cn=reader,{SUFFIX}", "open-sesame"
_ADMINISTRATOR = f"cn=admin,{SUFFIX}"
_PATIENCE_SECONDS = 20
_PLACES = (Path("/usr/sbin"), Path("/usr/lib/openldap"), Path("/usr/local/libexec"))
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
{tls}
{security}
sizelimit {size_limit}
database mdb
suffix {suffix}
rootdn {administrator}
rootpw {password}
directory {folder}/data
maxsize 1073741824
index objectClass,entryUUID,mail,uid eq
# Nobody reads anything without a password; the size limit is for all but the administrator.
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""
_TLS = """
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
"""

# An entry's attributes; one that has several values has each of them.
Attributes = Mapping[str, str | Sequence[str]]


@dataclass
class Slapd:
    """A directory that holds the people and groups it was begun with, running or stopped."""

    folder: Path
    port: int
    secure_port: int
    program: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def secure_url(self) -> str:
        return f"ldaps://localhost:{self.secure_port}"

    def start(self) -> None:
        has_tls = (self.folder / "key.pem").exists()
        listening = f"{self.url} {self.secure_url}" if has_tls else self.url
        command = [str(self.program), "-f", str(self.folder / "slapd.conf"), "-h", listening, "-d", "0"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ)
        wait_for_port(self.port, self.process, self.folder / "log")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(_PATIENCE_SECONDS)
            self.process = None

    def add(self, *entries: str) -> None:
        """Add entries (`ldif`) while it runs."""
        self._change("ldapadd", "\n".join(entries))

    def delete_people(self, *uids: str) -> None:
        """Take away people while it runs."""
        self._change("ldapdelete", "".join(f"{person_name(uid)}\n" for uid in uids))

    def _change(self, tool: str, given: str) -> None:
        command = [tool, "-x", "-H", self.url, "-D", _ADMINISTRATOR, "-w", PASSWORD]
        subprocess.run(command, input=given.encode(), check=True, capture_output=True)


@contextmanager
def running_slapd(
    entries: Iterable[str] = (),
    certificates: Certificates | None = None,
    *,
    needs_tls: bool = False,
    size_limit: str = "unlimited",
) -> Iterator[Slapd]:
    """A server that is up and has these entries (`person`, `group`); with certificates it knows StartTLS.

    `needs_tls`: it answers nothing before. `size_limit` is as slapd.conf(5) has it.
    """
    slapd = next((place / "slapd" for place in _PLACES if (place / "slapd").exists()), None)
    if slapd is None or shutil.which("ldapadd") is None:
        missing("OpenLDAP is not installed (apt-get install slapd ldap-utils)")
    assert slapd is not None
    with tempfile.TemporaryDirectory(prefix="slapd-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "data").mkdir()
        if certificates is not None:
            certificates.write(folder)
        configuration = _CONFIGURATION.format(
            folder=folder,
            tls="" if certificates is None else _TLS.format(folder=folder),
            security="security tls=128" if needs_tls else "",
            size_limit=size_limit,
            suffix=SUFFIX,
            administrator=_ADMINISTRATOR,
            reader=READER,
            password=PASSWORD,
        )
        (folder / "slapd.conf").write_text(configuration)
        (folder / "entries.ldif").write_text("\n".join([*_TREE, *entries]))
        load = [str(slapd), "-T", "add", "-q", "-f", str(folder / "slapd.conf"), "-l", str(folder / "entries.ldif")]
        subprocess.run(load, check=True, capture_output=True)
        server = Slapd(folder, free_port(), free_port(), slapd)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            sys.stderr.write((folder / "log").read_text())


def ldif(name: str, attributes: Attributes) -> str:
    """An entry as a file has it (RFC 2849), all values in base64, which any of them may be."""
    lines = [f"dn:: {_base64(name)}"]
    for attribute, values in attributes.items():
        lines += [f"{attribute}:: {_base64(value)}" for value in ([values] if isinstance(values, str) else values)]
    return "\n".join([*lines, ""])


def person_name(uid: str) -> str:
    return f"uid={uid},{PEOPLE}"


def person(uid: str, name: str, email: str | Sequence[str] = (), **more: str | Sequence[str]) -> str:
    """An inetOrgPerson."""
    surname = name.rsplit(maxsplit=1)[-1]
    attributes: dict[str, str | Sequence[str]] = {
        "objectClass": "inetOrgPerson", "uid": uid, "cn": name, "sn": surname, "mail": email, **more
    }  # fmt: skip
    return ldif(person_name(uid), attributes)


def group(name: str, *uids: str, **more: str) -> str:
    """A groupOfNames."""
    members = [person_name(uid) for uid in uids]
    return ldif(f"cn={name},{GROUPS}", {"objectClass": "groupOfNames", "cn": name, "member": members, **more})


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_TREE = (
    ldif(SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": "nordlys", "o": "Nordlys AS"}),
    ldif(PEOPLE, {"objectClass": "organizationalUnit", "ou": "people"}),
    ldif(GROUPS, {"objectClass": "organizationalUnit", "ou": "groups"}),
    ldif(
        READER,
        {"objectClass": ["organizationalRole", "simpleSecurityObject"], "cn": "reader", "userPassword": PASSWORD},
    ),
)
