"""What a file with sources may say, and how it is told that something in it means nothing."""

from pathlib import Path

import pytest
from invito_sql.source_file import WrongSourceFile, read_source_file

RIGHT = """
[sources.people]
label = { en = "People", nb = "Folk" }
kind = "person"
[sources.people.queries]
everyone = "SELECT id, name FROM people;"
"""
LISTS = 'containers = "SELECT id, name FROM firms"\n'
MEMBERS = 'members = "SELECT container, id FROM members"\n'


def wrong(folder: Path, text: str) -> str:
    """What is said of a file with this text, without its path."""
    file = folder / "company.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSourceFile) as problem:
        read_source_file(str(file))
    return str(problem.value).replace(str(file), "FILE")


def busy(query: str) -> str:
    return f"{RIGHT}busy = '''{query}'''"


def test_what_is_left_out_has_a_meaning(tmp_path: Path) -> None:
    file = tmp_path / "company.toml"
    file.write_text(RIGHT, encoding="utf-8")

    source = read_source_file(str(file)).sources["people"]

    assert (source.offers_all, source.searches_participants, source.lists_employees) == (True, True, False)
    assert source.queries.everyone == "SELECT id, name FROM people"


def test_brackets_around_the_ids_are_taken_since_a_list_has_its_own(tmp_path: Path) -> None:
    file = tmp_path / "company.toml"
    file.write_text(busy("SELECT id, starts, ends FROM busy WHERE id IN ( :ids )"), encoding="utf-8")

    assert str(read_source_file(str(file)).sources["people"].queries.busy).endswith("IN :ids")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RIGHT.replace("everyone", "everybody"), "FILE: [sources.people.queries] everyone: Field required"),
        (RIGHT + 'find = "SELECT 1"', "FILE: [sources.people.queries] find: there is no such key"),
        (RIGHT + MEMBERS, "FILE: [sources.people.queries] has no containers: containers and members come together"),
        (RIGHT + LISTS, "FILE: [sources.people.queries] has no members: containers and members come together"),
        (RIGHT.replace(', nb = "Folk"', ""), "FILE: [sources.people] label.nb: Field required"),
        (RIGHT.replace("[sources.people.q", "offers_all = false\n[sources.people.q"), "offers neither containers nor"),
        (RIGHT.replace("people", "People"), "FILE: [sources.People]: the key should be a plain word"),
        (RIGHT.replace("SELECT", "DELETE"), "everyone: should begin with SELECT or WITH: the database is only read"),
        (RIGHT.replace("name FROM", "name, :x FROM"), "everyone: takes no parameters, and has :x"),
        (busy("SELECT id FROM busy WHERE id = 7"), "busy: takes :ids, :start and :end, and it has no :ids"),
        (busy("SELECT id FROM busy WHERE id IN :ids AND a < :end AND b > :begin"), "and it has :begin"),
        ("sources = {}", "FILE: has no [sources.KEY]"),
        ("url = 'sqlite://'", "FILE: sources: Field required"),
        ("[sources", "FILE is no TOML: "),
    ],
)
def test_what_means_nothing_is_told_with_its_file_table_and_key(tmp_path: Path, text: str, said: str) -> None:
    assert said in wrong(tmp_path, text)


def test_a_file_that_is_not_there_is_told_and_so_is_the_ready_one(tmp_path: Path) -> None:
    with pytest.raises(WrongSourceFile, match=r"nowhere\.toml cannot be read .* or one of espocrm"):
        read_source_file(str(tmp_path / "nowhere.toml"))


def test_the_ready_file_has_contacts_and_users() -> None:
    assert set(read_source_file("espocrm").sources) == {"espo_contacts", "espo_users"}
