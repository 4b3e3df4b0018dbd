"""The directory is searched by the prefix of any word, on an index, and finds what the in-memory rule finds."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from invito.plugins.contract import EntryQuery, PageRequest, ParticipantKind, Position
from invito.plugins.names import matches, name_key
from invito.services.directory import Directory
from invito.services.directory.entry_pages import page_of_kinds
from invito.services.directory.ordered_search import Wanted, by_words, in_order
from invito.services.directory.words import words_of
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind, EntryRow

NAMES = (
    "Ødegård, Kari",
    "Aas Nilsen",
    "Åse Ås",
    "René Müller",
    "100% Sikker_AS \\ 'Co' \"X\"",
    "Óscar (NOT) AND-OR NEAR",
    "Ælva Østby",
    "Jörg Bjärnfot",
    "Дмитрий Иванов",
    "山田 太郎",
    "Nº 7 Straße",
    "ꙮ Ʞelpie",
)
PERSONS = [ParticipantKind.PERSON]


async def add_persons(database: Database, names: Sequence[str]) -> None:
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.PERSON, name) for name in names])


def many_names(count: int) -> list[str]:
    chosen = random.Random(1)
    syllables = ("kri", "ste", "an", "ol", "ber", "nor", "mann", "gå", "ø", "sen", "dal", "vik")
    words = ["".join(chosen.choices(syllables, k=3)) for _ in range(2_000)]
    return [" ".join(chosen.choices(words, k=2)) for _ in range(count)]


async def found(database: Database, search: str, first: int = 500) -> list[str]:
    page = await Directory(database).entries(PERSONS, EntryQuery(PageRequest(first), search=search))
    return [entry.name for entry in page.entries]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("øde", ["Ødegård, Kari"]),
        ("as", ["100% Sikker_AS \\ 'Co' \"X\""]),
        ("aas", ["Åse Ås", "Aas Nilsen"]),
        ("ås nil", ["Aas Nilsen"]),
        ("rene mul", ["René Müller"]),
        ("jørg bjær", ["Jörg Bjärnfot"]),
        ("иван", ["Дмитрий Иванов"]),
    ],
)
async def test_prefixes_of_words_are_found_whatever_their_case_and_accents(
    database: Database, search: str, names: list[str]
) -> None:
    await add_persons(database, NAMES)

    result = await found(database, search)

    assert sorted(result) == sorted(names)


async def test_any_text_typed_finds_what_the_rule_says(database: Database) -> None:
    await add_persons(database, NAMES)
    pieces = st.sampled_from([*NAMES, "%", "_", '"', "*", "NEAR(", "aa", "å", "\x00", "\ud800", " ", "^", "k", "-o:"])
    searches = st.one_of(st.text(max_size=20), st.lists(pieces, max_size=4).map(" ".join))
    loop = asyncio.get_running_loop()

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(searches)
    def finds_the_same(search: str) -> None:
        result = asyncio.run_coroutine_threadsafe(found(database, search), loop).result()
        assert sorted(result) == sorted(name for name in NAMES if matches(name, search))

    await asyncio.to_thread(finds_the_same)


@pytest.mark.parametrize("search", ["k", "kri", "kristean", "ø", "nor ber", "an an an", "qqq"])
async def test_every_plan_gives_the_same_pages(
    database: Database, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invito.services.directory.ordered_search._FEW_MATCHES", 20)
    monkeypatch.setattr("invito.services.directory.ordered_search._LONGEST_WALK", {"sqlite": 100, "postgresql": 100})
    names = many_names(1_500)
    await add_persons(database, names)
    expected = sorted((name for name in names if matches(name, search)), key=name_key)

    pages: list[str] = []
    after: Position | None = None
    while True:
        query = EntryQuery(PageRequest(40, after), search=search)
        page = await Directory(database).entries(PERSONS, query)
        pages += [entry.name for entry in page.entries]
        if not page.has_more:
            break
        after = Position(name_key(pages[-1]), page.entries[-1].reference)

    assert [name_key(name) for name in pages] == [name_key(name) for name in expected]


async def test_searching_rides_on_an_index(database: Database) -> None:
    await add_persons(database, many_names(2_000 if database.is_sqlite else 20_000))
    dialect = database.engine.dialect.name
    wanted = Wanted(EntryRow, [EntryKind.PERSON], PageRequest(50), words_of("kristean ber"))
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    plans = []

    async with database.write() as connection:
        if not database.is_sqlite:
            await connection.execute(text("ANALYZE directory_entry"))
            # So few rows are read faster than any index; what counts is that the index can be used.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement in (by_words(wanted, dialect), in_order(wanted, dialect, [("m", 1)])):
            sql = statement.compile(database.engine.sync_engine, compile_kwargs={"literal_binds": True})
            rows = await connection.exec_driver_sql(explain + str(sql).replace("%%", "%"))
            plans.append("\n".join(str(row[-1]) for row in rows))

    by_word, walk = plans
    if database.is_sqlite:
        assert "SCAN search_entry_name VIRTUAL TABLE" in by_word
        assert "SEARCH directory_entry USING INTEGER PRIMARY KEY (rowid=?)" in by_word
        assert "SEARCH directory_entry USING COVERING INDEX search_entry_walk" in walk
    else:
        assert "Bitmap Index Scan on search_entry_name" in by_word
        assert "ix_directory_entry_order" in walk
    assert "Seq Scan on directory_entry" not in by_word + walk


async def test_words_beyond_the_thirty_second_are_not_looked_at(database: Database) -> None:
    await add_persons(database, [" ".join(f"w{number}x" for number in range(32))])
    query = EntryQuery(PageRequest(1), search=" ".join(f"w{number}x" for number in range(1_000)))

    async with database.read() as connection:
        page = await page_of_kinds(connection, [EntryKind.PERSON], query)

    assert len(page.entries) == 1
