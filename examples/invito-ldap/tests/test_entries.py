"""What becomes of a directory's records, and who among its people was whom before."""

from uuid import UUID

import pytest
from invito_ldap.entries import Person, person_of
from invito_ldap.reading import Record
from invito_ldap.settings import LdapSettings
from invito_ldap.snapshot import snapshot_of

from invito.plugins import Entry, Language, ParticipantKind

SETTINGS = LdapSettings(url="ldap://localhost", people_bases=("dc=example",))
ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def record(**attributes: bytes | list[bytes]) -> Record:
    given = {"entryuuid": ID.encode(), "cn": b"Kari Nordmann"} | attributes
    values = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
    return Record("uid=kari,dc=example", values)


def person(id_: str, *addresses: str) -> Person:
    return Person(Entry(f"ldap:{id_}", ParticipantKind.EMPLOYEE, id_), addresses, f"uid={id_}")


def aliases(people: list[Person], earlier: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {entry.name: entry.aliases for entry in snapshot_of(people, [], earlier).everybody.items}


def test_a_guid_of_active_directory_is_written_as_its_tools_write_it() -> None:
    settings = SETTINGS.model_copy(update={"id_attribute": "objectGUID"})

    kari = person_of(record(objectguid=UUID(ID).bytes_le), settings)

    assert kari is not None
    assert kari.entry.reference == f"ldap:{ID}"


@pytest.mark.parametrize("lacks", ["entryuuid", "cn"])
def test_who_has_no_id_or_no_name_is_left_out(lacks: str) -> None:
    assert person_of(record(**{lacks: []}), SETTINGS) is None


def test_letters_that_no_name_has_are_taken_away() -> None:
    kari = person_of(record(cn=b" Kari\n\tNord\xe2\x80\xaemann\x00 ", title=b"\xff" + b"x" * 400), SETTINGS)

    assert kari is not None
    assert (kari.entry.name, len(kari.entry.title or "")) == ("Kari Nordmann", 300)


def test_an_address_that_is_none_or_too_long_is_left_out_and_not_cut() -> None:
    mail = [b"none", b"kari@" + b"x" * 320, b" Kari@nordlys.example "]

    kari = person_of(record(mail=mail), SETTINGS)

    assert kari is not None
    assert (kari.entry.email, kari.addresses) == ("Kari@nordlys.example", ("kari@nordlys.example",))


@pytest.mark.parametrize(
    ("said", "language"),
    [(b"nb", Language.NB), (b"nn-NO, en", Language.NB), (b"de, en;q=0.5", Language.EN), (b"de", None), (b"", None)],
)
def test_the_first_language_that_is_known_is_taken(said: bytes, language: Language | None) -> None:
    kari = person_of(record(preferredlanguage=said), SETTINGS)

    assert kari is not None
    assert kari.entry.language is language


def test_whoever_has_the_address_of_an_employee_was_that_employee() -> None:
    people = [person("a", "other@x.example", "a@x.example"), person("b", "b@x.example")]

    assert aliases(people, {"a@x.example": "employee:1"}) == {"a": ("employee:1",), "b": ()}


def test_where_two_share_the_address_nobody_was() -> None:
    people = [person("a", "a@x.example", "post@x.example"), person("b", "post@x.example")]

    assert aliases(people, {"post@x.example": "employee:1"}) == {"a": (), "b": ()}


def test_one_who_may_have_been_two_was_neither() -> None:
    earlier = {"a@x.example": "employee:1", "b@x.example": "employee:2"}

    assert aliases([person("a", "a@x.example", "b@x.example")], earlier) == {"a": ()}
