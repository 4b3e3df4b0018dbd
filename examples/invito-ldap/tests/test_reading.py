"""The directory is read as a whole from a server that is who it says, or not at all."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invito_ldap.errors import BindRefused, CutShort, DirectoryAway, DirectoryUnread, NobodyThere, NotTrusted
from invito_ldap.settings import LdapSettings
from invito_ldap.snapshot import read_snapshot

from tests.certificates import make_certificates
from tests.free_ports import free_port
from tests.ldap_servers import PEOPLE, SUFFIX, Slapd, group, person, running_slapd

Settings = Callable[..., LdapSettings]
SOME = [person(f"p{number}", f"Person {number}", f"p{number}@nordlys.example") for number in range(30)]


def test_ten_thousand_are_read_page_by_page(settings_for: Settings) -> None:
    many = (person(f"p{number}", f"Person {number}", f"p{number}@nordlys.example") for number in range(10_000))
    everyone = group("Alle", *(f"p{number}" for number in range(10_000)))
    with running_slapd([*many, everyone]) as server:
        snapshot = read_snapshot(settings_for(server, page_size=1_000), {})

    (group_of_all,) = snapshot.groups.items
    assert len(snapshot.everybody.items) == len(snapshot.by_reference) == group_of_all.member_count == 10_000
    assert snapshot.at("p9999@nordlys.example")[0].groups == ("Alle",)


@pytest.mark.parametrize("limit", ["10", "size.prtotal=10", "size.pr=5 size.prtotal=20"])
def test_a_server_that_stops_at_its_limit_is_not_taken_at_its_word(settings_for: Settings, limit: str) -> None:
    with running_slapd(SOME, size_limit=limit) as server, pytest.raises(DirectoryUnread) as refused:
        read_snapshot(settings_for(server, page_size=5), {})

    assert type(refused.value) in (CutShort, DirectoryUnread)


def test_a_person_below_two_bases_is_there_once(few_people: Slapd, settings_for: Settings) -> None:
    once = read_snapshot(settings_for(few_people), {})

    twice = read_snapshot(settings_for(few_people, people_bases=[PEOPLE, SUFFIX]), {})

    assert twice.everybody.items == once.everybody.items


@pytest.mark.parametrize("by", ["ldap", "ldaps"])
def test_encrypted_with_the_authority_of_its_certificate(settings_for: Settings, tmp_path: Path, by: str) -> None:
    certificates = make_certificates("localhost")
    certificates.write(tmp_path)
    with running_slapd(SOME, certificates, needs_tls=True) as server:
        url = server.url if by == "ldap" else server.secure_url
        snapshot = read_snapshot(settings_for(server, url=url, start_tls=True, ca_file=tmp_path / "authority.pem"), {})

        # The server itself answers nobody who does not begin it.
        with pytest.raises(DirectoryUnread):
            read_snapshot(settings_for(server), {})

    assert len(snapshot.everybody.items) == 30


@pytest.mark.parametrize("by", ["ldap", "ldaps"])
def test_encrypted_with_an_authority_that_nobody_named(settings_for: Settings, by: str) -> None:
    with running_slapd(SOME, make_certificates("localhost")) as server:
        settings = settings_for(server, url=server.url if by == "ldap" else server.secure_url, start_tls=True)

        with pytest.raises(NotTrusted, match="CA_FILE"):
            read_snapshot(settings, {})


@pytest.mark.parametrize("by", ["ldap", "ldaps"])
def test_encrypted_with_the_certificate_of_another_host(settings_for: Settings, tmp_path: Path, by: str) -> None:
    certificates = make_certificates("elsewhere.example")
    certificates.write(tmp_path)
    with running_slapd(SOME, certificates) as server:
        url = server.url if by == "ldap" else server.secure_url
        settings = settings_for(server, url=url, start_tls=True, ca_file=tmp_path / "authority.pem")

        with pytest.raises(NotTrusted):
            read_snapshot(settings, {})


def test_a_server_without_tls_is_told_no_password(few_people: Slapd, settings_for: Settings) -> None:
    with pytest.raises(NotTrusted):
        read_snapshot(settings_for(few_people, start_tls=True), {})


@pytest.mark.parametrize(("scheme", "start_tls"), [("ldap", False), ("ldap", True), ("ldaps", True)])
def test_a_server_that_says_nothing_is_away(
    few_people: Slapd, settings_for: Settings, scheme: str, start_tls: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(DirectoryAway):
            read_snapshot(settings_for(few_people, url=url, start_tls=start_tls, timeout_seconds=1), {})


@pytest.mark.parametrize(
    ("otherwise", "problem"),
    [
        ({"password": "wrong"}, BindRefused),
        ({"bind_dn": "cn=nobody,dc=nordlys,dc=example"}, BindRefused),
        ({"bind_dn": "", "password": ""}, DirectoryUnread),
        ({"people_bases": ["ou=nowhere,dc=nordlys,dc=example"]}, DirectoryUnread),
        ({"people_filter": "(uid=nobody)"}, NobodyThere),
        ({"id_attribute": "employeeNumber"}, NobodyThere),
        ({"url": f"ldap://127.0.0.1:{free_port()}"}, DirectoryAway),
    ],
)
def test_what_is_wrong_is_said(
    few_people: Slapd, settings_for: Settings, otherwise: dict[str, Any], problem: type[DirectoryUnread]
) -> None:
    with pytest.raises(problem) as refused:
        read_snapshot(settings_for(few_people, **otherwise), {})

    assert type(refused.value) is problem
    assert "open-sesame" not in str(refused.value)
