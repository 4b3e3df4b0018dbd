"""A directory of a few people, and settings to read it with."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from invito_ldap.settings import LdapSettings

from tests.ldap_servers import GROUPS, PASSWORD, PEOPLE, READER, Slapd, group, person, running_slapd

KARI_ID, SALES_ID = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
FEW = (
    person("kari", "Kari Nordmann", "Kari.Nordmann@nordlys.example", entryUUID=KARI_ID, title="Rådgiver"),
    person("aase", "Åse Ørjasæter", "aase@nordlys.example", preferredLanguage="nb-NO, en;q=0.5"),
    person("andre", "André O'Hara", ["andre@nordlys.example", "sales@nordlys.example"]),
    person("anders", "Anders Ås"),
    person("anders2", "Anders Ås", "anders@nordlys.example"),
    person("odd", "Odd*(uid=*)\\ Bø", "odd@nordlys.example"),
    *(person(f"extra{number}", f"Ærlend Aas {number}", f"extra{number}@nordlys.example") for number in range(25)),
    group("Salg", "kari", "aase", "anders", "odd", entryUUID=SALES_ID, description="Selger"),
    group("Økonomi", "andre", "kari", "nobody"),
    group("Støtte", *(f"extra{number}" for number in range(25)), "anders2"),
    group("Ingen", "nobody"),
)


@pytest.fixture(scope="module")
def few_people() -> Iterator[Slapd]:
    """A server with the few, for tests that do not change them."""
    with running_slapd(FEW) as server:
        yield server


@pytest.fixture
def settings_for() -> Callable[..., LdapSettings]:
    """The settings to read a server with, some of them otherwise."""

    def settings(server: Slapd, **otherwise: Any) -> LdapSettings:
        given = {
            "url": server.url,
            "start_tls": False,
            "bind_dn": READER,
            "password": PASSWORD,
            "people_bases": [PEOPLE],
            "group_bases": [GROUPS],
            "page_size": 7,
        }
        return LdapSettings.model_validate(given | otherwise)

    return settings
