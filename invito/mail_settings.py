"""What an operator sets about mail: the service's mailbox, the ways in, keys, limits."""

from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from invito.services.addresses import TAG_LETTERS, is_valid_address, tagged

Words = Annotated[tuple[str, ...], NoDecode]

SHORTEST_KEY = 32


def between_commas(value: object) -> object:
    """What stands between the commas of a setting, without blanks."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class MailSettings(BaseSettings):
    """The settings that are about mail."""

    mail_from: str | None = Field(
        None,
        description="The service's address, which invitations come from where their owner has no mailbox of their own. "
        "Set to nothing: none, not in demo mode either.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Where the service's mails are handed over: `smtp://user:password@host:587` (STARTTLS), "
        "`smtps://user:password@host:465`, or `smtp+plain://127.0.0.1:25` without encryption.",
    )
    mail_folder: str | None = Field(
        None,
        description="In place of a server: a folder that mails are written to as files. In demo mode, where neither is "
        "set: `var/mail`.",
    )
    imap_url: SecretStr | None = Field(
        None,
        description="Where answers to the service's address arrive: `imaps://user:password@host:993`, "
        "`imap://user:password@host:143` (STARTTLS), or `imap+plain://…` without encryption.",
    )
    imap_folder: str = Field("INBOX", min_length=1, description="The folder that answers arrive in.")
    imap_move_to: str | None = Field(
        None,
        description="The folder that mails are moved to once they are kept. Where it is not set, the folder is only "
        "read, and stays as it is.",
    )
    lmtp_listen: str | None = Field(
        None, description="`host:port` to take mail at by LMTP, for a mail server in front of it."
    )
    inbound_secret: SecretStr | None = Field(
        None, description="The secret that `POST /mail/inbound` is signed with (HMAC-SHA256); not set: it is not there."
    )
    mail_delay_seconds: float = Field(
        30, ge=0, description="How long a mail waits, so that changes in quick succession become one."
    )
    mail_greatest_age_hours: float = Field(72, gt=0, description="How long a mail is tried before it is given up.")
    most_invitations_an_hour: int = Field(
        5_000,
        ge=1,
        description="How many people one owner may invite by mail within an hour. What is more is refused (TOO_MANY); "
        "mails about changes are not counted.",
    )
    most_mails_to_address_an_hour: int = Field(
        100, ge=1, description="How many mails one address gets within an hour. What is more waits until there is room."
    )
    mail_worker: bool = Field(
        True, description="Whether `invito serve` sends and fetches mail itself; where not, run `invito worker`."
    )
    trusted_mail_servers: Words = Field(
        (),
        description="The names under which your own mail servers write Authentication-Results (RFC 8601), with commas "
        "between; others' are not believed.",
    )
    public_mail_providers: Words = Field(
        (),
        description="Domains, besides the well-known ones, where anybody gets an address, so that the domain says "
        "nothing of who writes.",
    )
    mailbox_hosts: Words = Field(
        (),
        description="Servers that viewers' own mailboxes may be at though their addresses are private, with commas "
        "between; those with public addresses may always.",
    )
    public_url: str | None = Field(
        None,
        description="Where people reach this service: mails link to its answer page. Where it is not set, they have no "
        "such links; in demo mode, they lead to where it listens.",
    )
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description=f"Keys of at least {SHORTEST_KEY} characters, with commas between, that answer links and "
        "addresses are signed with and passwords encrypted. The first one is used, all are understood. Needed outside "
        "demo mode.",
    )
    secret_keys_file: str | None = Field(
        None,
        description="In place of them: a file with such keys, one a line. In demo mode, where neither is set: "
        "`var/secret-keys`, which is made at the first start.",
    )

    dns_servers: Words = Field(
        (),
        description="Addresses of the DNS servers that `invito mail check` asks, as `host` or `host:port`, with commas "
        "between, in place of the system's.",
    )

    @field_validator(
        "trusted_mail_servers", "public_mail_providers", "mailbox_hosts", "secret_keys", "dns_servers", mode="before"
    )
    @classmethod
    def _words(cls, value: object) -> object:
        return between_commas(value)

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, value: str | None) -> str | None:
        if value and not is_valid_address(value):
            raise ValueError("should be an e-mail address")
        if value and not is_valid_address(tagged(value, "x" * TAG_LETTERS)):
            raise ValueError("should be shorter before the @: mails carry a tag behind that, 64 octets in all at most")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        return _server(value, "smtp", "smtps", "smtp+plain")

    @field_validator("imap_url")
    @classmethod
    def _is_imap(cls, value: SecretStr | None) -> SecretStr | None:
        return _server(value, "imap", "imaps", "imap+plain")

    @field_validator("dns_servers")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            read_address(one, 53)
        return value

    @field_validator("lmtp_listen")
    @classmethod
    def _is_listening_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError("should be host:port, such as 127.0.0.1:2424")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("should be http://… or https://…")
        return value.rstrip("/")

    @field_validator("imap_move_to", "mail_folder", "secret_keys_file")
    @classmethod
    def _nothing_is_none(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("secret_keys")
    @classmethod
    def _long_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < SHORTEST_KEY for key in value):
            raise ValueError(f"should have at least {SHORTEST_KEY} characters each")
        return value

    @model_validator(mode="after")
    def _keys_from_one_place(self) -> Self:
        if self.secret_keys and self.secret_keys_file:
            raise ValueError("INVITO_SECRET_KEYS and INVITO_SECRET_KEYS_FILE exclude each other: take one away")
        return self

    @property
    def missing_about_mail(self) -> list[str]:
        """What has to be set besides outside demo mode, whoever sends: viewers' own mailboxes need it too."""
        if self.secret_keys or self.secret_keys_file:
            return []
        message = (
            "INVITO_SECRET_KEYS is not set: at the next start nobody would know the answer links in mails that were "
            "sent, nor the passwords of mailboxes. Make a key, set it for every process, and keep it: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
        return [message]


def read_address(text: str, default_port: int) -> tuple[str, int]:
    """An IP address and a port: `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`.

    :raises ValueError: it is none.
    """
    host, _, port = text.rpartition(":") if text.startswith("[") or text.count(":") == 1 else (text, "", "")
    if text.endswith("]"):
        host, port = text, ""
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"has no port in {text}")
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]"))), int(port or default_port)
    except ValueError:
        raise ValueError(f"should have IP addresses, and {text} is none") from None


def _server(value: SecretStr | None, *schemes: str) -> SecretStr | None:
    if value is None or not value.get_secret_value():
        return None
    try:
        parts = urlsplit(value.get_secret_value())
        is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError(f"should be one of {', '.join(f'{scheme}://host:port' for scheme in schemes)}")
    return value
