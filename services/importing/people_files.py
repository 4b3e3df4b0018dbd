"""The people of a file, whichever program wrote it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from invito.plugins.contract import Language
from invito.services.addresses import is_valid_address
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.tables import TableRow, read_table
from invito.services.importing.vcards import Card, read_cards

_NORWEGIAN = ("nb", "no", "nn", "norsk", "bokmål", "nynorsk", "norwegian")
_ENGLISH = ("en", "english", "engelsk")
_PARTS_OF_A_NAME = ("first_name", "middle_name", "last_name")
_LANGUAGES = dict.fromkeys(_NORWEGIAN, Language.NB) | dict.fromkeys(_ENGLISH, Language.EN)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody, or a company of its own (`is_company`). `groups` is None where the file says nothing of groups.

    `missing` says in whole what of the row cannot be taken in, or is of no use.
    """

    line: int
    name: str
    uid: str = ""
    email: str | None = None
    title: str | None = None
    company: str | None = None
    groups: tuple[str, ...] | None = None
    language: Language | None = None
    time_zone: str | None = None
    is_company: bool = False
    missing: tuple[str, ...] = ()


def read_people(path: Path, notes: list[str] | None = None) -> Iterator[PersonRow | BadRow]:
    """The people of a vCard file (.vcf) or a CSV file (.csv), in the file's order; `notes` gets what is to be known.

    :raises UnreadableFile: it is neither, or cannot be read at all.
    """
    if path.suffix.lower() in (".vcf", ".vcard"):
        return (row if isinstance(row, BadRow) else _of_card(row) for row in read_cards(path, notes))
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        table = read_table(path, "name", "last_name", "first_name", "email", notes=notes)
        has_groups = "groups" in table.columns
        return (row if isinstance(row, BadRow) else _of_table(row, has_groups) for row in table.rows)
    raise UnreadableFile(f"{path} is neither a vCard file (.vcf) nor a CSV file (.csv).")


def _of_card(card: Card) -> PersonRow | BadRow:
    if card.kind == "group":
        return BadRow(card.line, "is a group, and no person")
    is_company = card.kind == "org"
    name = card.name or (card.company if is_company else "") or card.email
    if not name:
        return BadRow(card.line, "has no name (FN)")
    return PersonRow(
        card.line,
        name,
        card.uid,
        _address(card.email),
        card.title or None,
        None if is_company else card.company or None,
        card.categories or None,
        _language(card.language),
        _zone(card.time_zone),
        is_company,
        _missing(card.email, card.language, card.time_zone),
    )


def _of_table(row: TableRow, has_groups: bool) -> PersonRow | BadRow:
    email = row.first("email")
    name = row["name"] or " ".join(filter(None, map(row.__getitem__, _PARTS_OF_A_NAME))) or email
    is_company = not name and bool(row["company"])
    if not name and not is_company:
        return BadRow(row.line, "has no name")
    return PersonRow(
        row.line,
        row["company"] if is_company else name,
        row["id"],
        _address(email),
        row["title"] or None,
        None if is_company else row["company"] or None,
        row.listed("groups") if has_groups else None,
        _language(row["language"]),
        _zone(row["time_zone"]),
        is_company,
        _missing(email, row["language"], row["time_zone"]),
    )


def _address(written: str) -> str | None:
    """An address that is none identifies nobody, and is not kept."""
    return written if is_valid_address(written) else None


def _language(name: str) -> Language | None:
    return _LANGUAGES.get(re.split(r"[-_ (]", name.lower(), maxsplit=1)[0])


def _zone(name: str) -> str | None:
    return name if is_zone(name) else None


def _missing(email: str, language: str, zone: str) -> tuple[str, ...]:
    missing = []
    if email and not is_valid_address(email):
        missing.append(f"has an e-mail address that is none, and goes in without it: {email}")
    if language and _language(language) is None:
        missing.append(f"names a language that mails are not written in: {language}; there are nb and en")
    if zone and not is_zone(zone):
        missing.append(f"names a time zone that there is not: {zone}; there are those such as Europe/Oslo")
    return tuple(missing)


@lru_cache(maxsize=1_000)
def is_zone(name: str) -> bool:
    """Whether there is an IANA zone of this name."""
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (OSError, ValueError, LookupError):
        return False
