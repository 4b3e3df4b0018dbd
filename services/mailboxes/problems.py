"""What can be wrong with a mailbox: precisely which thing, and what is said about it."""

import base64
import json
from dataclasses import dataclass
from enum import Enum
from typing import Self

from invito.plugins.contract import Language
from invito.services.errors import InvitoError
from invito.services.language import translate
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.values import MailboxState, Protocol

_MOST_WORDS = 300


class Fault(Enum):
    """What failed, in the order in which a connection meets them."""

    UNKNOWN_HOST = "UNKNOWN_HOST"
    HOST_REFUSED = "HOST_REFUSED"
    NO_CONNECTION = "NO_CONNECTION"
    NO_ANSWER = "NO_ANSWER"
    NO_TLS = "NO_TLS"
    NO_STARTTLS = "NO_STARTTLS"
    CERTIFICATE = "CERTIFICATE"
    OTHER_PROTOCOL = "OTHER_PROTOCOL"
    NO_LOGIN = "NO_LOGIN"
    PASSWORD_LOST = "PASSWORD_LOST"  # noqa: S105  # the name of a fault
    LOGIN = "LOGIN"
    SENDER = "SENDER"
    FOLDER = "FOLDER"
    PLUGIN = "PLUGIN"


# The field of the input that is to be mended, where it is not the server's URL.
_FIELDS = {
    Fault.LOGIN: "username",
    Fault.PASSWORD_LOST: "password",
    Fault.SENDER: "address",
    Fault.FOLDER: "folder",
}
_WHY_FAILED = {
    Fault.UNKNOWN_HOST: "There is no server named {host}: is it spelt right?",
    Fault.HOST_REFUSED: "{host} is no public server: an administrator has to allow it (INVITO_MAILBOX_HOSTS).",
    Fault.NO_CONNECTION: "{host} takes no connection at port {port}.",
    Fault.NO_ANSWER: "{host} did not answer in time at port {port}.",
    Fault.NO_TLS: "{host} does not encrypt from the start at port {port}: is another port meant, or STARTTLS?",
    Fault.NO_STARTTLS: "{host} offers no encryption (STARTTLS) at port {port}: is another port meant?",
    Fault.CERTIFICATE: "The certificate of {host} cannot be trusted: {words}",
    Fault.OTHER_PROTOCOL: "{host} does not speak {protocol} at port {port}: is another port meant?",
    Fault.NO_LOGIN: "{host} offers no way to log in at port {port}.",
    Fault.PASSWORD_LOST: "The password that was kept cannot be read any longer: save the mailbox anew.",
    Fault.LOGIN: "{host} refuses the user name or the password: {words}",
    Fault.SENDER: "{host} lets this user send nothing from {subject}: {words}",
    Fault.FOLDER: "{host} has no folder {subject} that can be read: {words}",
    Fault.PLUGIN: "Mails go out by the plugin {host}, which fails: it {words}",
}


class MailServerFailure(InvitoError):
    """A mail server cannot be used. `words` are the server's own, or the system's; they hold no password."""

    def __init__(self, fault: Fault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.words = words


@dataclass(frozen=True, slots=True)
class MailboxProblem:
    """A failure together with where it was met. `subject` is the address or the folder that was refused.

    `host` is the plugin's name where it is a plugin that fails.
    """

    fault: Fault
    protocol: Protocol
    host: str
    port: int
    words: str = ""
    subject: str = ""

    @classmethod
    def at(cls, server: MailServer, protocol: Protocol, failure: MailServerFailure, subject: str = "") -> Self:
        return cls(failure.fault, protocol, server.host, server.port, failure.words, subject)

    @classmethod
    def of_plugin(cls, plugin: str, words: str) -> Self:
        """Of one by which mails go out."""
        return cls(Fault.PLUGIN, Protocol.SMTP, plugin, 0, words)

    @property
    def field(self) -> str:
        """The field of the input that is to be mended."""
        return _FIELDS.get(self.fault, f"{self.protocol.value.lower()}_url")

    @property
    def state(self) -> MailboxState:
        return MailboxState.REFUSED if self.fault in _FIELDS else MailboxState.UNREACHABLE

    def sentence(self, language: Language | None = None) -> str:
        """What is said about it, in this language or in that of the request."""
        message = translate(_WHY_FAILED[self.fault], language)
        told = message.format(
            host=self.host, port=self.port, protocol=self.protocol.value, words=self.words, subject=self.subject
        )
        return told.removesuffix(": ")

    def kept(self) -> str:
        """The problem as text, to be read by `kept_problem`: its language is chosen when it is shown."""
        named = (self.fault.value, self.protocol.value, self.host, self.port, self.words, self.subject)
        return json.dumps(named, ensure_ascii=False)


def kept_problem(text: str) -> MailboxProblem:
    fault, protocol, host, port, words, subject = json.loads(text)
    return MailboxProblem(Fault(fault), Protocol(protocol), host, port, words, subject)


def spoken_words(raw: bytes | str, server: MailServer) -> str:
    """What a server said, in one line; nothing where it repeats the password."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())[:_MOST_WORDS]
    return "" if any(secret in line for secret in _forms_of(server)) else line


def _forms_of(server: MailServer) -> list[str]:
    """The password, and as it goes over the wire (RFC 4616, and LOGIN)."""
    if not server.password:
        return []
    plain = f"\0{server.username}\0{server.password}"
    return [server.password, *(base64.b64encode(one.encode()).decode() for one in (plain, server.password))]
