"""How names are searched and ordered: one folding and one Norwegian order, for every source and both databases.

Searching (F6): prefix of any word, case-insensitive, accents folded (é finds e), but æ, ø, å are letters of their own,
and aa is another spelling of å. Ordering: the alphabet of CLDR's `nb` at its first level: æ ä, ø ö, å aa come last.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import product

# Letters that stay themselves, in composed form; everything else loses its marks.
_NORWEGIAN = "æøå"
_DELETE_NORWEGIAN = str.maketrans("", "", _NORWEGIAN)
_OTHER_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th", "œ": "oe", "ı": "i", "ħ": "h"}
)
_WORD = re.compile(r"[^\W_]+")
# How one spelling may be typed otherwise: the first is what a search means, all of them are found.
_SPELLINGS = {"aa": ("aa", "å"), "ä": ("æ", "a"), "ö": ("ø", "o"), "ő": ("ø", "o")}
_SPELLING = re.compile("|".join(_SPELLINGS))
_MOST_SPELLINGS_IN_A_WORD = 3
# No name is as long. Marks in a row are put in order in quadratic time (NFC).
_MOST_LETTERS = 1_000
# A source that holds everybody in memory asks for the same names at every page.
_KEPT = 32_768
# Behind "z" in the order of code points, so that both databases sort the key bytewise.
_ORDER = str.maketrans({"æ": "{", "ø": "|", "å": "}"})


def _fold(text: str) -> str:
    """Lower case, without accents; æ ø å, and ä ö ő (which have a Norwegian spelling too), stay.

    What is beyond the first thousand characters is left out.
    """
    kept = _NORWEGIAN + "äöő"
    folded = text[:_MOST_LETTERS].casefold()
    if folded.translate(_DELETE_NORWEGIAN).isascii():
        return folded
    letters = unicodedata.normalize("NFC", folded)
    return "".join(
        letter
        if letter in kept
        else "".join(mark for mark in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(mark))
        for letter in letters
    ).translate(_OTHER_LETTERS)


def _spellings(word: str) -> set[str]:
    parts = _SPELLING.split(word)
    found = _SPELLING.findall(word)
    free, fixed = found[:_MOST_SPELLINGS_IN_A_WORD], found[_MOST_SPELLINGS_IN_A_WORD:]
    choices = [*(_SPELLINGS[one] for one in free), *((_SPELLINGS[one][0],) for one in fixed)]
    return {
        "".join(text for pair in zip(parts, [*choice, ""], strict=True) for text in pair)
        for choice in product(*choices)
    }


@lru_cache(_KEPT)
def name_words(name: str) -> str:
    """What a name is found by: its words in every spelling, with a blank before each (" aas ås hansen")."""
    words = {spelling for word in _WORD.findall(_fold(name)) for spelling in _spellings(word)}
    return "".join(f" {word}" for word in sorted(words))


def search_terms(search: str) -> list[list[str]]:
    """What must be found: for each word typed, the prefixes of which one is enough. Nothing typed: an empty list."""
    return [sorted(_typed_spellings(word)) for word in _WORD.findall(_fold(search))]


def _typed_spellings(word: str) -> set[str]:
    plain = word.replace("ä", "æ").replace("ö", "ø").replace("ő", "ø")
    return {plain, plain.replace("aa", "å")}


def matches(name: str, search: str) -> bool:
    """Whether every word typed is a prefix of a word of the name, in one of its spellings."""
    return matching(search)(name)


def matching(search: str) -> Callable[[str], bool]:
    """`matches` for many names: what is typed is looked at once."""
    wanted = [[f" {term}" for term in terms] for terms in search_terms(search)]

    def matches_name(name: str) -> bool:
        words = name_words(name)
        return all(any(term in words for term in terms) for terms in wanted)

    return matches_name


@lru_cache(_KEPT)
def name_key(name: str) -> str:
    """The key that names are ordered by, compared code point by code point (binary, or COLLATE "C")."""
    letters = _fold(name).replace("aa", "å").replace("ä", "æ").replace("ö", "ø").replace("ő", "ø")
    return " ".join(_WORD.findall(letters)).translate(_ORDER)
