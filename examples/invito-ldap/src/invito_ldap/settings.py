"""What is read from where: `INVITO_LDAP_…`."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import parse_filter
from pydantic import AfterValidator, BaseModel, Field, FilePath, SecretStr, model_validator

_SCHEMES = ("ldap", "ldaps")


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        raise ValueError("give ldap://HOST, ldaps://HOST or one of them with :PORT, and nothing else")
    return text


def _filter(text: str) -> str:
    try:
        parse_filter(text, None, False, False, None, False)
    except LDAPException:
        raise ValueError("give a filter in brackets, as (objectClass=inetOrgPerson)") from None
    return text


Url = Annotated[str, AfterValidator(_url)]
Filter = Annotated[str, AfterValidator(_filter)]


class LdapSettings(BaseModel):
    """The defaults are those of inetOrgPerson and groupOfNames, as OpenLDAP has them."""

    url: Url = Field(description="ldap://HOST or ldaps://HOST, with :PORT where it is another than 389 or 636.")
    start_tls: bool = Field(True, description="Encrypt ldap:// by StartTLS before anything else is said.")
    ca_file: FilePath | None = Field(
        None, description="The authorities that may have signed the server's certificate; those of the system if none."
    )
    bind_dn: str = Field("", description="Who reads. Nobody: anonymously.")
    password: SecretStr = Field(SecretStr(""), description="The password of who reads.")
    people_bases: tuple[str, ...] = Field(min_length=1, description="Below which entries people are, as JSON.")
    people_filter: Filter = Field("(objectClass=inetOrgPerson)", description="Which entries are people.")
    group_bases: tuple[str, ...] = Field((), description="Below which entries groups are, as JSON.")
    group_filter: Filter = Field("(objectClass=groupOfNames)", description="Which entries are groups.")
    id_attribute: str = Field("entryUUID", description="What never changes of a person or group: references hold it.")
    name_attribute: str = Field("cn", description="A person's name.")
    email_attribute: str = Field("mail", description="A person's addresses; invitations go to the first.")
    title_attribute: str = Field("title", description="A person's title.")
    language_attribute: str = Field("preferredLanguage", description="The language that a person reads.")
    group_name_attribute: str = Field("cn", description="A group's name.")
    group_description_attribute: str = Field("description", description="What a group is for.")
    member_attribute: str = Field("member", description="The distinguished names of a group's members.")
    page_size: int = Field(1_000, gt=0, description="How many entries the server is asked for at once.")
    timeout_seconds: int = Field(10, gt=0, description="How long the server may be silent.")
    read_seconds: float = Field(120.0, gt=0, description="How long a reading may take, from beginning to end.")
    refresh_seconds: float = Field(300.0, gt=0, description="How long after a reading everything is read again.")

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        # A server takes a name without a password for nobody, and lets them in (RFC 4513 §5.1.2).
        if bool(self.bind_dn) != bool(self.password.get_secret_value()):
            raise ValueError("give BIND_DN and PASSWORD, or neither of them")
        return self

    @property
    def person_attributes(self) -> tuple[str, ...]:
        return (
            self.id_attribute,
            self.name_attribute,
            self.email_attribute,
            self.title_attribute,
            self.language_attribute,
        )

    @property
    def group_attributes(self) -> tuple[str, ...]:
        return (
            self.id_attribute,
            self.group_name_attribute,
            self.group_description_attribute,
            self.member_attribute,
        )
