"""The source keeps the contract; files are read when they change, and what is wrong with them is told by line."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from invito_csv import CsvFiles, Folder
from structlog.testing import capture_logs

from invito.plugins import EntryPage, EntryQuery, PageRequest
from invito.plugins.testing import Facts, SourceContract

HEADER = "id,name,email,title,organization,kind\n"
BOARD = (
    "kari,Kari Nordmann,Kari@nordlys.example,Chair,Nordlys,person\n"
    "aase,Åse Ørjasæter,aase@fjord.example,,Fjord,\n"
    "ola,Ola Ås,,,,\n"
)
PARTNERS = (
    "aase,Åse Ørjasæter,aase@fjord.example,,Fjord,\n"
    "andre,André Bull,andre@bull.example,,Bull AS,\n"
    'odea,"O\'Dea, Siobhán",s@odea.example,,,\n'
    "bull,Bull AS,post@bull.example,,,company\n"
    "van,Van with nine seats,,,,resource\n"
    "kari2,Kari Nordmann,kari2@fjord.example,,,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "Board.csv", HEADER + BOARD)
    write(tmp_path / "Partners.csv", HEADER + PARTNERS)
    return tmp_path


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """As a program does that takes care: whole, and with a new file's number."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding)
    beside.rename(path)


@pytest.fixture
def lists(folder: Path) -> Folder:
    return Folder(folder, structlog.get_logger())


@pytest.fixture
def invito_source(lists: Folder) -> CsvFiles:
    return CsvFiles(lists)


@pytest.fixture
def invito_facts(folder: Path) -> Facts:
    added = HEADER + BOARD

    def add_entry(name: str) -> None:
        nonlocal added
        added += f"{name},{name},,,,\n"
        write(folder / "Board.csv", added)

    def add_sharers(address: str, count: int) -> None:
        rows = "".join(f"sharer-{number},Sharer,{address},,,\n" for number in range(count))
        write(folder / "Sharers.csv", HEADER + rows)

    return Facts(
        reference="csv:kari",
        container="Board",
        address="kari@nordlys.example",
        add_entry=add_entry,
        add_sharers=add_sharers,
    )


class TestCsvFiles(SourceContract):
    """One test for each promise of the contract."""


def names_on(lists: Folder, name: str) -> list[str]:
    return [entry.name for entry in lists.lists().by_name[name]]


def test_a_list_has_what_its_file_has_in_name_order(
    invito_source: CsvFiles, invito_ask: Callable[..., EntryPage]
) -> None:
    page = invito_ask(invito_source.participants, EntryQuery(PageRequest(10), "Board"))

    assert [entry.name for entry in page.entries] == ["Kari Nordmann", "Ola Ås", "Åse Ørjasæter"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_fields_are_divided_by_what_the_first_line_is(
    folder: Path, lists: Folder, delimiter: str, encoding: str
) -> None:
    rows = [["ID", "Name", "Title"], ["1", "Kari Nordmann", '"Head; sales, north"']]
    write(folder / "Board.csv", "\r\n".join(delimiter.join(row) for row in rows), encoding)

    (kari,) = lists.lists().by_name["Board"]

    assert (kari.reference, kari.name, kari.title) == ("csv:1", "Kari Nordmann", "Head; sales, north")


def test_what_changes_is_read_the_next_time_and_nothing_else(folder: Path, lists: Folder) -> None:
    lists.lists()
    write(folder / "Board.csv", HEADER + "siri,Siri Dahl,,,,\n")

    with capture_logs() as told:
        board = names_on(lists, "Board")
        lists.lists()

    assert board == ["Siri Dahl"]
    assert [(line["event"], line["list"]) for line in told] == [("list is read", "Board")]


def test_a_change_that_keeps_the_size_is_read_too(folder: Path, lists: Folder) -> None:
    path = folder / "Board.csv"
    lists.lists()
    before = path.stat()
    path.write_text(path.read_text().replace("Ola Ås", "Eva Ås"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))

    assert "Eva Ås" in names_on(lists, "Board")


def test_a_list_goes_with_its_file(folder: Path, lists: Folder) -> None:
    lists.lists()
    (folder / "Partners.csv").unlink()

    assert list(lists.lists().by_name) == ["Board"]
    assert "csv:andre" not in lists.lists().everybody
    assert "csv:aase" in lists.lists().everybody


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "is empty"),
        (HEADER + BOARD[:40], "breaks off within line 2"),
        (HEADER + 'kari,"Kari Nord', "is no CSV file from line 2 on: unexpected end of data"),
        ("name,email\nKari,kari@nordlys.example\n", "has no column id in its first line"),
    ],
)
def test_a_list_stays_as_it_was_while_its_file_cannot_be_read(
    folder: Path, lists: Folder, written: str, problem: str
) -> None:
    before = names_on(lists, "Board")
    (folder / "Board.csv").write_text(written)

    with capture_logs() as told:
        during = names_on(lists, "Board")
        lists.lists()
    write(folder / "Board.csv", HEADER + "siri,Siri Dahl,,,,\n")

    assert during == before
    assert [(line["problem"], line["it_is"]) for line in told] == [(problem, "as it was before")]
    assert names_on(lists, "Board") == ["Siri Dahl"]


def test_a_character_that_is_written_by_half_is_told_by_its_line(folder: Path, lists: Folder) -> None:
    before = names_on(lists, "Board")
    (folder / "Board.csv").write_bytes((HEADER + BOARD).encode()[:-7])

    with capture_logs() as told:
        during = names_on(lists, "Board")

    assert during == before
    assert [line["problem"] for line in told] == ["is no UTF-8 in line 4: save it as UTF-8"]


def test_bad_rows_are_left_out_and_told_by_line_without_what_they_hold(folder: Path, lists: Folder) -> None:
    bad = {
        ",Secret One,,,,": "has no id",
        "2,,secret@two.example,,,": "has no name",
        "3,Secret Three,secret,,,": "has an email that is no address",
        "4,Secret Four,,,,robot": "has a kind that is none of person, company, resource, other",
        "kari,Secret Five,,,,": "has the id of line 2",
        f"6,{'Secret' * 60},,,,": "has more than 300 characters as name",
        "7,Secret Seven,,,,,,": "has 8 fields, and the first line names 6",
        "8,Secret\u202eEight,,,,": "has a character as name that is no text",
    }
    write(folder / "Board.csv", HEADER + BOARD + "\n".join(bad) + "\n")

    with capture_logs() as told:
        names = names_on(lists, "Board")

    (line,) = (line for line in told if line["event"] == "rows are left out")
    assert names == ["Kari Nordmann", "Åse Ørjasæter", "Ola Ås"]
    assert line["first"] == {f"line {number}": problem for number, problem in enumerate(bad.values(), start=5)}
    assert "ecret" not in str(told)


def test_who_is_on_several_lists_is_the_same_on_each(folder: Path, lists: Folder) -> None:
    write(folder / "Partners.csv", HEADER + "aase,Someone Else,,,,\n")

    assert names_on(lists, "Partners") == ["Åse Ørjasæter"]


def test_lists_stay_while_the_folder_is_away(folder: Path, lists: Folder) -> None:
    before = lists.lists()
    elsewhere = folder.rename(folder.with_name("elsewhere"))

    with capture_logs() as told:
        during = [lists.lists(), lists.lists()]
    elsewhere.rename(folder)
    write(folder / "Board.csv", HEADER + "siri,Siri Dahl,,,,\n")

    assert during == [before, before]
    assert [line["problem"] for line in told] == ["FileNotFoundError"]
    assert names_on(lists, "Board") == ["Siri Dahl"]


def test_a_folder_that_never_was_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path / "nowhere", structlog.get_logger()).lists()


def test_only_files_called_csv_are_lists(folder: Path, lists: Folder) -> None:
    for name in ("notes.txt", ".hidden.csv", "Board.csv~"):
        write(folder / name, HEADER + BOARD)
    (folder / "sub.csv").mkdir()

    assert list(lists.lists().by_name) == ["Board", "Partners"]
