"""How names are found and ordered (F6): prefix of any word, accents folded, æ ø å letters of their own."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invito.plugins import names as plugin_names
from invito.plugins.names import matches, name_key, name_words, search_terms

_LETTERS = "abcdefghijklmnopqrstuvwxyzæøåäöéèüñçABCÆØÅÄÖÉ"
words = st.text(_LETTERS, min_size=1, max_size=12)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)
ANYTHING = st.text(max_size=40)


@given(names, st.data())
def test_a_name_is_found_by_the_prefix_of_any_of_its_words(name: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(name.split()))
    prefix = word[: data.draw(st.integers(1, len(word)))]

    assert matches(name, prefix)


@given(names, st.randoms())
def test_words_are_typed_in_any_order(name: str, random: object) -> None:
    typed = name.split()
    random.shuffle(typed)  # type: ignore[attr-defined]  # hypothesis' randoms have no type of their own

    assert matches(name, " ".join(typed))


@given(names)
def test_case_makes_no_difference(name: str) -> None:
    assert matches(name.upper(), name.lower())
    assert matches(name.lower(), name.upper())
    assert name_key(name.upper()) == name_key(name.lower())


@given(ANYTHING)
def test_however_a_letter_is_composed_it_is_the_same_letter(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)

    assert name_words(decomposed) == name_words(unicodedata.normalize("NFC", name))
    assert name_key(decomposed) == name_key(unicodedata.normalize("NFC", name))


@given(ANYTHING)
def test_whatever_is_typed_finds_the_name_that_reads_the_same(text: str) -> None:
    assert matches(text, text)


@given(ANYTHING)
def test_each_word_stands_behind_a_blank_so_that_a_prefix_is_a_search_for_text(name: str) -> None:
    stored = name_words(name)

    assert stored == "" or stored[0] == " "
    assert "  " not in stored
    assert not stored.endswith(" ")


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("Kari Ødegård", "øde"),
        ("Kari Ødegård", "kar øde"),
        ("Kari Ødegård", "ØDE k"),
        ("André Lévy", "andre levy"),
        ("Andre Levy", "andré"),
        ("Ås kommune", "aas"),
        ("Ås kommune", "ås"),
        ("Aas kommune", "ås"),
        ("Aas kommune", "aas"),
        ("Aas kommune", "a"),
        ("Øystein Aa", "aa"),
        ("Björn Ärlig", "bjørn"),
        ("Björn Ärlig", "bjorn"),
        ("Björn Ärlig", "ærl"),
        ("Bjørn Ærlig", "björn"),
        ("Anne-Lise O'Hara", "lise"),
        ("Anne-Lise O'Hara", "hara"),
        ("Firma 4 AS", "4"),
        ("Łukasz Đorđević", "lukasz dord"),
        ("Straße", "strasse"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name: str, search: str) -> None:
    assert matches(name, search)


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("Ås kommune", "as"),
        ("Ås kommune", "a"),
        ("Kari Ødegård", "ode"),
        ("Kari Ødegård", "degård"),
        ("Kari Ødegård", "ola"),
        ("Kari Ødegård", "kari ola"),
        ("Sæther", "sa"),
        ("Bjørn", "bjo"),
        ("As", "ås"),
    ],
)
def test_a_letter_of_its_own_is_no_accent_and_no_middle_of_a_word_is_found(name: str, search: str) -> None:
    assert not matches(name, search)


@pytest.mark.parametrize("typed", ["", "  ", "-", "'", "%", "_"])
def test_what_holds_no_word_asks_for_nothing(typed: str) -> None:
    assert search_terms(typed) == []


def test_names_stand_in_norwegian_order_with_ae_oe_aa_last() -> None:
    ordered = ["Adam", "Andersen", "Zahl", "Æsop", "Ärlig", "Ødegård", "Öberg", "Åberg", "Aas", "Åsen"]
    by_first_letter = sorted(ordered, key=name_key)

    assert by_first_letter == ["Adam", "Andersen", "Zahl", "Ärlig", "Æsop", "Öberg", "Ødegård", "Åberg", "Aas", "Åsen"]


_ALPHABET = "abcdefghijklmnopqrstuvwxyzæøå"


@given(st.lists(st.text(_ALPHABET, min_size=1, max_size=6).filter(lambda word: "aa" not in word), max_size=8))
def test_words_are_ordered_letter_by_letter_of_the_norwegian_alphabet(some: list[str]) -> None:
    assert sorted(some, key=name_key) == sorted(some, key=lambda word: [_ALPHABET.index(letter) for letter in word])


@given(st.lists(ANYTHING, max_size=6))
def test_the_key_orders_the_same_as_text_and_as_bytes(some: list[str]) -> None:
    keys = [name_key(name) for name in some]

    assert sorted(keys) == sorted(keys, key=lambda key: key.encode("utf-8", "surrogatepass"))


@given(st.text("aäöåőAÄÖ", max_size=60))
def test_a_word_of_many_spellings_is_kept_in_a_few(word: str) -> None:
    assert len(name_words(word).split()) <= 8


@settings(deadline=None)
@given(st.sampled_from(["a", "Ä", "ß", "\u0300", "\u0315"]), st.integers(0, 500_000))
def test_no_name_is_looked_at_beyond_what_names_are_long(letter: str, count: int) -> None:
    folded = [plugin_names._fold(letter * count), name_key("a" + letter * count)]
    folded += [spelling for word in search_terms(letter * count) for spelling in word]

    assert max(map(len, folded)) <= 2_000
