"""Files in the encodings that programs write; what cannot be read for certain is told and spoils no names silently."""

from pathlib import Path

import pytest

from invito.services.importing import PersonRow, UnreadableFile, read_people

TEXT = "name,email\nÅse Ødegård,ase@x.example\n"


def read(path: Path, raw: bytes) -> tuple[list[str], list[str]]:
    """The names, and what is noted."""
    path.write_bytes(raw)
    notes: list[str] = []
    return [row.name for row in read_people(path, notes) if isinstance(row, PersonRow)], notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_as_it_is(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "a.csv", TEXT.encode(encoding)) == (["Åse Ødegård"], [])


def test_what_spreadsheets_write_is_read_and_noted(tmp_path: Path) -> None:
    names, (note,) = read(tmp_path / "a.csv", TEXT.encode("cp1252"))

    assert names == ["Åse Ødegård"]
    assert "Windows-1252 (Latin-1): look at the names from line 2 on" in note


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (TEXT.encode() + "Kåre\n".encode("cp1252"), "is UTF-8, but for line 3"),
        (TEXT.encode("utf-16-le"), "not marked as UTF-16"),
        (b"name\nK\x81re\n", "neither UTF-8 nor Windows-1252 (line 2)"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b" \n", "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_for_certain_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / "a.csv", raw)

    assert reason in str(refused.value)


def test_a_character_that_a_folded_line_cuts_is_put_together(tmp_path: Path) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Kåre\r\nEND:VCARD\r\n".encode()

    names, notes = read(tmp_path / "a.vcf", card.replace("å".encode(), b"\xc3\r\n \xa5"))

    assert (names, notes) == (["Kåre"], [])
