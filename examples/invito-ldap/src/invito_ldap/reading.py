"""A directory's entries as they are, page by page (RFC 2696), all of them or an error.

Nothing that anybody types comes here: the filters are the settings' own.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPInvalidCredentialsResult,
    LDAPOperationResult,
)

from invito_ldap.errors import BindRefused, CutShort, DirectoryAway, DirectoryUnread, NotTrusted
from invito_ldap.settings import LdapSettings

_PAGED_RESULTS = "1.2.840.113556.1.4.319"
_SUCCESS = 0


@dataclass(frozen=True, slots=True)
class Record:
    """An entry. Its attributes are looked up in lower case; one that it has not has no values."""

    distinguished_name: str
    attributes: Mapping[str, Sequence[bytes]]

    def values(self, attribute: str) -> Sequence[bytes]:
        return self.attributes.get(attribute.lower(), ())


class DirectoryReader:
    """Reads over one connection."""

    def __init__(self, settings: LdapSettings, connection: ldap3.Connection) -> None:
        self._settings, self._connection = settings, connection

    def records(self, bases: Sequence[str], filter_: str, attributes: Sequence[str]) -> Iterator[Record]:
        """What is found below these bases.

        :raises DirectoryUnread: before all was read.
        """
        for base in bases:
            yield from self._below(base, filter_, attributes)

    def _below(self, base: str, filter_: str, attributes: Sequence[str]) -> Iterator[Record]:
        cookie: bytes | None = None
        while True:
            _, result, found, _ = self._connection.search(
                base,
                filter_,
                attributes=list(attributes),
                paged_size=self._settings.page_size,
                paged_cookie=cookie,
            )
            _expect_all(base, result)
            # Besides entries there are references to other servers, which are not followed.
            yield from (_record(one) for one in found if one["type"] == "searchResEntry")
            cookie = result["controls"].get(_PAGED_RESULTS, {}).get("value", {}).get("cookie")
            if not cookie:
                return


@contextmanager
def open_directory(settings: LdapSettings) -> Iterator[DirectoryReader]:
    """A connection that knows with whom it talks, and says who reads.

    :raises DirectoryUnread: there is none, or it ended, as it does after READ_SECONDS.
    """
    try:
        connection = _connection(settings)
        # It waits anew for each part of an answer, and there may be parts for ever.
        end = threading.Timer(settings.read_seconds, _hang_up, (connection,))
        end.daemon = True
        end.start()
        try:
            _bind(settings, connection)
            yield DirectoryReader(settings, connection)
        finally:
            end.cancel()
            # No good-bye, which a server that hangs would have to take.
            connection.strategy.close()
    except LDAPException as problem:
        raise _explained(settings, problem) from problem


def _hang_up(connection: ldap3.Connection) -> None:
    """Let whoever waits for an answer have none."""
    with suppress(AttributeError, OSError):  # there is no socket, or it is closed
        connection.socket.shutdown(socket.SHUT_RDWR)


def _connection(settings: LdapSettings) -> ldap3.Connection:
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED, ca_certs_file=None if settings.ca_file is None else str(settings.ca_file)
    )
    server = ldap3.Server(settings.url, tls=tls, get_info=ldap3.NONE, connect_timeout=settings.timeout_seconds)
    return ldap3.Connection(
        server,
        user=settings.bind_dn or None,
        password=settings.password.get_secret_value() or None,
        client_strategy=ldap3.SAFE_SYNC,
        receive_timeout=settings.timeout_seconds,
        read_only=True,
        raise_exceptions=True,
        # A server that refers to another would have it told the password.
        auto_referrals=False,
        # Which attributes there are, the settings say.
        check_names=False,
    )


def _bind(settings: LdapSettings, connection: ldap3.Connection) -> None:
    connection.open(read_server_info=False)
    if settings.start_tls and not connection.server.ssl:
        _encrypt(settings, connection)
    connection.bind(read_server_info=False)


def _encrypt(settings: LdapSettings, connection: ldap3.Connection) -> None:
    try:
        connection.start_tls(read_server_info=False)
    except LDAPCommunicationError:
        raise  # as away
    except LDAPException as problem:
        raise _distrusted(settings, problem) from problem


def _expect_all(base: str, result: Mapping[str, Any]) -> None:
    """Some answers that are no success are raised by nobody: that there is more, or elsewhere."""
    if result["result"] != _SUCCESS:
        raise CutShort(
            f"the directory answered {result['description']} below {base}, and not all that is there: have its limits "
            "for BIND_DN raised, or read below another base"
        )


def _record(found: Mapping[str, Any]) -> Record:
    raw: Mapping[str, Sequence[bytes]] = found["raw_attributes"]
    return Record(found["dn"], {name.lower(): values for name, values in raw.items()})


def _explained(settings: LdapSettings, problem: LDAPException) -> DirectoryUnread:
    if isinstance(problem, LDAPInvalidCredentialsResult):
        return BindRefused("the directory refuses BIND_DN and PASSWORD: try them with ldapwhoami")
    if "certificate" in str(problem).lower():  # of ldaps://, where it is one of many reasons not to open a connection
        return _distrusted(settings, problem)
    if isinstance(problem, LDAPOperationResult):
        return DirectoryUnread(f"the directory refused with {problem.description}: may BIND_DN read below the bases?")
    kind = type(problem).__name__
    return DirectoryAway(f"no answer from {settings.url} ({kind}): is it there, and to be reached from here?")


def _distrusted(settings: LdapSettings, problem: LDAPException) -> NotTrusted:
    kind = type(problem).__name__
    return NotTrusted(
        f"no trusted TLS with {settings.url} ({kind}): has it a certificate for this very host, signed by an authority "
        "of CA_FILE or of the system?"
    )
