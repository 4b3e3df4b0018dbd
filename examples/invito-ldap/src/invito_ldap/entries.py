"""What the directory's records say of people and groups, within what Invito takes."""

from dataclasses import dataclass
from uuid import UUID

from invito.plugins import (
    MOST_IN_DESCRIPTION,
    MOST_IN_NAME,
    Container,
    ContainerKind,
    Entry,
    Language,
    ParticipantKind,
    clean_address,
    clean_text,
)
from invito_ldap.reading import Record
from invito_ldap.settings import LdapSettings

DIRECTORY = "ldap"
_MOST_IN_ID = 400
# Active Directory's, 16 bytes in the order of Microsoft's GUIDs.
_GUID = "objectguid"
_LANGUAGES = {"nb": Language.NB, "no": Language.NB, "nn": Language.NB, "en": Language.EN}


@dataclass(frozen=True, slots=True)
class Person:
    """`addresses` are all that they have, in lower case; `name_in_directory` is what groups know them by."""

    entry: Entry
    addresses: tuple[str, ...]
    name_in_directory: str


@dataclass(frozen=True, slots=True)
class Group:
    """`members` are names in the directory, of people or of anything."""

    id: str
    name: str
    description: str | None
    members: tuple[str, ...]

    def container(self, member_count: int) -> Container:
        return Container(self.id, self.name, ContainerKind.USER_GROUP, self.description, member_count)


def person_of(record: Record, settings: LdapSettings) -> Person | None:
    """None where the record has no id or no name."""
    id_, name = _id(record, settings), _text(record, settings.name_attribute, MOST_IN_NAME)
    if not (id_ and name):
        return None
    written = (clean_address(_decoded(value)) for value in record.values(settings.email_attribute))
    addresses = [address for address in written if address is not None]
    entry = Entry(
        reference=f"{DIRECTORY}:{id_}",
        kind=ParticipantKind.EMPLOYEE,
        name=name,
        email=addresses[0] if addresses else None,
        title=_text(record, settings.title_attribute, MOST_IN_NAME),
        language=_language(record, settings),
    )
    keys = dict.fromkeys(address.lower() for address in addresses)
    return Person(entry, tuple(keys), name_key_of(record.distinguished_name))


def group_of(record: Record, settings: LdapSettings) -> Group | None:
    """None where the record has no id or no name."""
    id_, name = _id(record, settings), _text(record, settings.group_name_attribute, MOST_IN_NAME)
    if not (id_ and name):
        return None
    description = _text(record, settings.group_description_attribute, MOST_IN_DESCRIPTION)
    members = [name_key_of(_decoded(value)) for value in record.values(settings.member_attribute)]
    return Group(id_, name, description, tuple(dict.fromkeys(members)))


def name_key_of(distinguished_name: str) -> str:
    """What distinguished names are compared by. A server writes its own in one way, but for capitals."""
    return distinguished_name.casefold()


def _id(record: Record, settings: LdapSettings) -> str | None:
    values = record.values(settings.id_attribute)
    if values and settings.id_attribute.lower() == _GUID and len(values[0]) == 16:
        return str(UUID(bytes_le=bytes(values[0])))
    return _text(record, settings.id_attribute, _MOST_IN_ID)


def _text(record: Record, attribute: str, most: int) -> str | None:
    """The first value that is a text."""
    return next((text for value in record.values(attribute) if (text := clean_text(_decoded(value), most))), None)


def _decoded(value: bytes) -> str:
    return value.decode(errors="replace")


def _language(record: Record, settings: LdapSettings) -> Language | None:
    """The first that Invito knows: "nb-NO, en;q=0.5" as well as "nb" (RFC 2798 §2.7)."""
    wanted = _text(record, settings.language_attribute, MOST_IN_NAME) or ""
    known = (_LANGUAGES.get(one.strip()[:2].lower()) for one in wanted.split(","))
    return next((language for language in known if language is not None), None)
