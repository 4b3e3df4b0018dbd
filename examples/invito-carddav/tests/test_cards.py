"""What is taken from a vCard of either version, and what a card that cannot be read is."""

import pytest
from card_servers import card
from invito_carddav.cards import Card, read_card

from invito.plugins import Entry, ParticipantKind

PERSON, COMPANY, RESOURCE = ParticipantKind.PERSON, ParticipantKind.COMPANY, ParticipantKind.RESOURCE


def read(text: str) -> Card:
    found = read_card(text, "/book/one.vcf")
    assert isinstance(found, Card), found
    return found


def entry_of(text: str) -> Entry:
    entry = read(text).entry
    assert entry is not None
    return entry


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_a_card_says_who_somebody_is(version: str) -> None:
    lines = ("N:Ørjasæter;Åse;;;", "ORG:Fjord AS;Sales", "TITLE:Head of\\, sales", "EMAIL:Aase@fjord.example")

    found = read(card("u1", "Åse Ørjasæter", *lines, version=version))

    assert found == Card(
        Entry("carddav:u1", PERSON, "Åse Ørjasæter", "Aase@fjord.example", "Fjord AS", "Head of, sales"),
        ("aase@fjord.example",),
    )


@pytest.mark.parametrize(
    ("version", "parameter"), [("4.0", "PREF=1"), ("3.0", "TYPE=PREF"), ("3.0", "TYPE=INTERNET,WORK,pref")]
)
def test_the_preferred_address_is_written_to_and_all_are_known(version: str, parameter: str) -> None:
    lines = ("EMAIL;TYPE=HOME:home@a.example", f"EMAIL;{parameter}:work@a.example", "EMAIL:none")

    found = read(card("u1", "Kari", *lines, version=version))

    assert found.entry is not None
    assert found.entry.email == "work@a.example"
    assert found.addresses == ("work@a.example", "home@a.example")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("KIND:individual", PERSON),
        ("KIND:org", COMPANY),
        ("X-ABShowAs:COMPANY", COMPANY),
        ("KIND:location", RESOURCE),
        ("KIND:application", ParticipantKind.OTHER),
    ],
)
def test_a_card_says_what_it_is_of(line: str, kind: ParticipantKind) -> None:
    assert entry_of(card("u1", "Bull AS", line)).kind is kind


@pytest.mark.parametrize("line", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"])
def test_a_group_is_nobody(line: str) -> None:
    assert read(card("u1", "Friends", line)) == Card(None)


def test_without_a_name_it_is_called_by_its_company_or_its_address() -> None:
    assert entry_of(card("u1", "", "ORG:Bull AS")).name == "Bull AS"
    assert entry_of(card("u1", "", "EMAIL:post@bull.example")).name == "post@bull.example"


def test_without_a_uid_it_is_known_by_its_place() -> None:
    assert entry_of(card("", "Kari")).reference == "carddav:/book/one.vcf"


def test_a_place_that_no_reference_can_hold_is_known_by_its_hash() -> None:
    found = [read_card(card("", "Kari"), path) for path in ("/book/a\nb.vcf", "/book/a b.vcf", "/book/\u202e.vcf")]

    references = [one.entry.reference for one in found if isinstance(one, Card) and one.entry is not None]
    assert len(set(references)) == len(found)
    assert all(reference.isprintable() for reference in references)


def test_texts_are_such_as_invito_takes() -> None:
    found = entry_of(card("u" * 1_000, "Kari\\n\u202eNordmann\x07", f"ORG:{'b' * 1_000}"))

    assert found.name == "Kari Nordmann"
    assert len(found.organization or "") == 300
    assert len(found.reference) < 100


def test_pictures_are_no_trouble_whatever_they_are() -> None:
    picture = "PHOTO;ENCODING=b:" + "\r\n ".join(["A" * 70] * 5_000)

    assert entry_of(card("u1", "Kari", picture, "TITLE:Chair", version="3.0")).title == "Chair"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "cannot be read"),
        ("<html></html>", "cannot be read"),
        (card("u1", "Kari")[:-20], "cannot be read"),
        (card("u1", "Kari", version="2.1"), "is of another version"),
        (card("u1", ""), "has no name"),
        (card("u1", "Kari", f"NOTE:{'a' * 200_000}"), "is too large"),
    ],
)
def test_why_a_card_is_not_used_is_said_without_what_it_holds(text: str, problem: str) -> None:
    assert read_card(text, "/one.vcf") == problem
