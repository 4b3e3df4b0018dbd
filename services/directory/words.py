"""How typed words become conditions: each must begin a word of the column, in one of its spellings.

A term is letters and digits alone (`invito.plugins.names`), so none of it means anything to LIKE or to FTS5.
"""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_, true

from invito.plugins.names import search_terms

_MOST_WORDS = 32
# SQLite 3.40 knows the letters of Unicode 6.1. What Python knew of Unicode 3.2 is safely among them.
_FULL_TEXT_LETTERS = unicodedata.ucd_3_2_0


@dataclass(frozen=True, slots=True)
class Words:
    """What must be found: for each word typed, the prefixes of which one is enough."""

    terms: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: "Words") -> "Words":
        return Words(self.terms + other.terms)


NO_WORDS = Words()


def words_of(search: str) -> Words:
    """The words of a search text; those beyond the 32nd are not looked at."""
    terms = list(dict.fromkeys(tuple(prefixes) for prefixes in search_terms(search)[:_MOST_WORDS]))
    return Words(tuple(one for one in terms if not any(_says_more(other, one) for other in terms if other != one)))


def _says_more(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Whether what begins with the one begins with the other too: "stad" says all that "st" says."""
    return all(any(prefix.startswith(beginning) for beginning in shorter) for prefix in longer)


def begin_words(column: SQLColumnExpression[str], words: Words, dialect: str) -> ColumnElement[bool]:
    """Whether the column of `name_words` has all the words; on PostgreSQL it rides on the trigram index."""
    return and_(true(), *(or_(*(_begins(column, prefix, dialect) for prefix in prefixes)) for prefixes in words.terms))


def full_text(words: Words) -> str | None:
    """The FTS5 expression for the words; None where FTS5 does not take one of the letters for a letter."""
    letters = {letter for prefixes in words.terms for prefix in prefixes for letter in prefix}
    if not all(_FULL_TEXT_LETTERS.category(letter)[0] in "LN" for letter in letters):
        return None
    return " AND ".join("(" + " OR ".join(f'"{prefix}"*' for prefix in prefixes) + ")" for prefixes in words.terms)


def _begins(column: SQLColumnExpression[str], prefix: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        return func.instr(column, f" {prefix}") > 0
    return column.like(f"% {prefix}%")
