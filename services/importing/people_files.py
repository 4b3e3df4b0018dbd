"""The people of a file, whichever program wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from invito.plugins.contract import Language
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.tables import TableRow, read_table
from invito.services.importing.vcards import Card, read_cards

_LANGUAGES = {"nb": Language.NB, "no": Language.NB, "nn": Language.NB, "en": Language.EN}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody, or a company of its own (`is_company`). `groups` is None where the file says nothing of groups."""

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


def read_people(path: Path) -> Iterator[PersonRow | BadRow]:
    """The people of a vCard file (.vcf) or a CSV file (.csv), in the file's order.

    :raises UnreadableFile: it is neither, or cannot be read at all.
    """
    if path.suffix.lower() in (".vcf", ".vcard"):
        return (row if isinstance(row, BadRow) else _of_card(row) for row in read_cards(path))
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        table = read_table(path, "name", "last_name", "first_name", "email")
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
        card.email or None,
        card.title or None,
        None if is_company else card.company or None,
        card.categories or None,
        _LANGUAGES.get(card.language.lower().split("-")[0]),
        card.time_zone if is_zone(card.time_zone) else None,
        is_company,
    )


def _of_table(row: TableRow, has_groups: bool) -> PersonRow | BadRow:
    name = row["name"] or f"{row['first_name']} {row['last_name']}".strip() or row["email"]
    is_company = not name and bool(row["company"])
    if not name and not is_company:
        return BadRow(row.line, "has no name")
    if row["time_zone"] and not is_zone(row["time_zone"]):
        return BadRow(row.line, f"names a time zone that there is not: {row['time_zone']}")
    return PersonRow(
        row.line,
        row["company"] if is_company else name,
        row["id"],
        row["email"] or None,
        row["title"] or None,
        None if is_company else row["company"] or None,
        row.listed("groups") if has_groups else None,
        _LANGUAGES.get(row["language"].lower().split("-")[0]),
        row["time_zone"] or None,
        is_company,
    )


@lru_cache(maxsize=1_000)
def is_zone(name: str) -> bool:
    """Whether there is an IANA zone of this name."""
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (OSError, ValueError, LookupError):
        return False
