"""Searching by name, as the house does everywhere: `invito.plugins.names` says what finds whom."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from invito.plugins.contract import Entry, EntryQuery, PageRequest
from invito.plugins.names import matches, search_terms
from invito.plugins.testing.facts import Broken, NotChecked, expect, shown
from invito.plugins.testing.listing import (
    LARGEST_PAGE,
    Listing,
    expect_same,
    fullest,
    listing,
    position_of,
)
from invito.plugins.testing.trial import Trial

_ACCENTS = str.maketrans("aeiouyn", "áéíóúýñ")
_WILDCARDS = ("_", "%", "*", "?", ".")
_SIGNS = (
    "%",
    "_",
    "'",
    "%_'",
    '"',
    "\\",
    "*",
    "(",
    ")",
    "'; DROP TABLE people; --",
    "*)(uid=*",
    "\x00",
    "\n",
    "{",
    "[",
)
_LONG = 10_000
_NOBODY = "qxzjw"


async def searching_for_nothing_finds_everybody(trial: Trial) -> None:
    """Nothing typed, or blanks alone, finds everybody."""
    whole = await fullest(trial)
    for search in ("", "   "):
        found = await listing(trial, whole.container, search)
        expect_same(whole.entries, found.entries, f"A search for {search!r} finds something else than everybody")


async def searching_for_the_whole_name_finds_it(trial: Trial) -> None:
    """The whole name finds its entry."""
    await _expect_found(trial, lambda name: [name])


async def the_beginning_of_any_word_finds(trial: Trial) -> None:
    """The beginning of any word of a name finds its entry: one letter, two, three."""
    await _expect_found(trial, lambda name: [word[:length] for word in name.split() for length in (1, 2, 3)])


async def several_words_find_in_any_order(trial: Trial) -> None:
    """Several words find in any order, each by its beginning."""
    await _expect_found(trial, lambda name: [" ".join(word[:3] for word in reversed(name.split()))])


async def capitals_make_no_difference(trial: Trial) -> None:
    """Capitals make no difference."""
    await _expect_found(trial, lambda name: [name.upper(), name.lower(), name.swapcase()])


async def accents_make_no_difference(trial: Trial) -> None:
    """Accents make no difference: é finds e, and e finds é."""
    await _expect_found(trial, lambda name: [_without_accents(name), name.lower().translate(_ACCENTS)])


async def norwegian_letters_are_letters_of_their_own(trial: Trial) -> None:
    """æ, ø and å are letters of their own: o does not find ø; aa is another spelling of å."""
    whole = await fullest(trial)
    words = [word for entry in whole.entries for word in entry.name.lower().split() if set(word) & set("æøå")]
    if not words:
        raise NotChecked("No name has æ, ø or å: try the source with one that begins with Ø or Å.")
    for word in words[:10]:
        typed = (word, word.replace("å", "aa"), word.replace("æ", "ae").replace("ø", "o").replace("å", "a"))
        for search in typed:
            await _expect_as_the_house(trial, whole, search)


async def what_is_found_begins_so(trial: Trial) -> None:
    """What is found has a word that begins with what was typed; the middle of a word finds nothing."""
    whole = await fullest(trial)
    for entry in whole.entries[:10]:
        for word in entry.name.split():
            for search in (word[:2], word[1:4]):
                if search_terms(search):
                    await _expect_as_the_house(trial, whole, search)


async def signs_mean_nothing_to_a_search(trial: Trial) -> None:
    """Signs that mean something to databases and directories (%, _, ', *) are neither wildcards nor an error."""
    whole = await fullest(trial)
    for search in _SIGNS:
        await trial.participants(EntryQuery(PageRequest(10), whole.container, search))
    for word in [word for entry in whole.entries[:5] for word in entry.name.split() if len(word) > 2]:
        for sign in _WILDCARDS:
            for search in (f"{word[0]}{sign}{word[2:]}", f"{sign}{word[1:]}"):
                await _expect_as_the_house(trial, whole, search)


async def what_nobody_is_called_finds_nobody(trial: Trial) -> None:
    """What nobody is called finds nobody, and says that there is no more."""
    whole = await fullest(trial)
    page = await trial.participants(EntryQuery(PageRequest(10), whole.container, _NOBODY))

    expect(not page.entries, f"{_NOBODY!r} finds {shown([entry.name for entry in page.entries])}.")
    expect(not page.has_more and not page.total, f"{_NOBODY!r} finds nobody, with `has_more` or a `total`.")


async def ten_thousand_characters_are_searched_without_harm(trial: Trial) -> None:
    """Ten thousand characters, as one word and as many, are searched without harm."""
    whole = await fullest(trial)
    name = whole.entries[0].name
    for search in ("q" * _LONG, "ø" * _LONG, "a " * (_LONG // 2), f"{name} " * (_LONG // (len(name) + 1))):
        try:
            page = await trial.participants(EntryQuery(PageRequest(10), whole.container, search))
        except Broken:
            raise
        except Exception as problem:
            raise Broken(f"{len(search):,} characters raise {type(problem).__name__}.") from problem
        expect(
            all(matches(entry.name, search) for entry in page.entries) or trial.facts.searches_more_than_names,
            f"{len(search):,} characters, {search[:10]!r} and so on, find {shown(page.entries)}.",
        )


async def what_was_found_is_paged_like_any_list(trial: Trial) -> None:
    """What was found is paged like any list: small pages add up to the same as a large one, in name order."""
    whole = await fullest(trial)
    search = _word_of_many(whole.entries)
    found = await listing(trial, whole.container, search)
    pages = await listing(trial, whole.container, search, size=2, most=60)

    expect_same(found.entries[:60], pages.entries, f"Pages of two for {search!r} add up to something else")
    positions = [(position_of(entry).name_key) for entry in found.entries]
    expect(positions == sorted(positions), f"What {search!r} finds is not in name order.")


async def the_one_search_box_finds_who_is_listed(trial: Trial) -> None:
    """The one search box over all sources, which names no container, finds whoever is listed."""
    if not trial.source.searches_participants:
        raise NotChecked("The source does not take part in the one search box (`searches_participants`).")
    whole = await fullest(trial)
    for entry in whole.entries[:10]:
        found = await trial.participants(EntryQuery(PageRequest(LARGEST_PAGE), None, entry.name))
        references = {one.reference for one in found.entries}
        expect(
            entry.reference in references or found.has_more,
            f"{entry.name!r} is listed, and not found without a container.",
        )


async def _expect_found(trial: Trial, typed: Callable[[str], Sequence[str]]) -> None:
    """Each entry, of some, is found by what is typed, as far as the house's own rule finds it."""
    whole = await fullest(trial)
    for entry in _some(whole.entries):
        for search in typed(entry.name):
            if not search_terms(search) or not matches(entry.name, search):
                continue
            found = await listing(trial, whole.container, search)
            is_found = entry.reference in found.references or not found.is_whole
            expect(is_found, f"{search!r} does not find {entry.name!r}.")


async def _expect_as_the_house(trial: Trial, whole: Listing, search: str) -> None:
    """What is found is what `matches` finds among those listed."""
    found = await listing(trial, whole.container, search)
    surplus = [entry.name for entry in found.entries if not matches(entry.name, search)]
    expect(
        not surplus or trial.facts.searches_more_than_names,
        f"{search!r} finds {shown(surplus)}: if it looks at more than names, say Facts(searches_more_than_names=True).",
    )
    there = set(found.references)
    missing = [one.name for one in whole.entries if matches(one.name, search) and one.reference not in there]
    expect(not missing or not found.is_whole, f"{search!r} does not find {shown(missing)}.")


def _some(entries: Sequence[Entry], most: int = 12) -> Iterator[Entry]:
    """The first ones, and others evenly from the rest."""
    step = max(1, len(entries) // most)
    yield from entries[::step][:most]


def _word_of_many(entries: Sequence[Entry]) -> str:
    """The letter with which most names begin."""
    letters = [entry.name[:1] for entry in entries if search_terms(entry.name[:1])]
    if not letters:
        raise NotChecked("No name begins with a letter or digit.")
    return max(sorted(set(letters)), key=letters.count)


def _without_accents(name: str) -> str:
    """Without the marks of all letters but å, which is a letter of its own."""
    return "".join(
        letter if letter in "åÅ" else unicodedata.normalize("NFD", letter)[0]
        for letter in unicodedata.normalize("NFC", name)
    )
