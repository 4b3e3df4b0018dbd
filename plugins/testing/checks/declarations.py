"""What a source says of itself."""

import re

from invito.plugins.contract import Label
from invito.plugins.source import Source
from invito.plugins.testing.facts import expect
from invito.plugins.testing.trial import Trial

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,99}\Z")
_DIRECTORY = re.compile(r"[a-z][a-z0-9_.-]{0,99}\Z")
_LABELS = ("label", "container_label", "all_label")
_METHODS = ("containers", "participants", "resolve")
_FLAGS = ("offers_all", "is_searchable", "searches_participants", "lists_employees")


async def the_key_is_one_plain_word(trial: Trial) -> None:
    """The key is one plain word, which clients may write down for ever."""
    key = getattr(trial.source, "key", None)

    expect(
        isinstance(key, str) and bool(_KEY.match(key)), f"`key` is {key!r}: lower case, digits, _ and -, at most 100."
    )


async def labels_are_there_in_both_languages(trial: Trial) -> None:
    """Label, container label and label of All are there in English and Norwegian."""
    for name in _LABELS:
        label: object = getattr(trial.source, name, None)
        texts: tuple[object, ...] = (label.en, label.nb) if isinstance(label, Label) else (None,)
        is_whole = all(isinstance(one, str) and one.strip() for one in texts)
        expect(is_whole, f"`{name}` is {label!r}: a Label with a text in both languages.")


async def directories_are_plain_prefixes(trial: Trial) -> None:
    """The directories are plain words, as they stand before the colon of a reference."""
    directories = getattr(trial.source, "directories", None)

    expect(isinstance(directories, frozenset), f"`directories` is {directories!r}: a frozenset of words.")
    for one in directories or ():
        is_word = isinstance(one, str) and bool(_DIRECTORY.match(one))
        expect(is_word and one != "email", f"The directory {one!r} is no plain word of its own (`email` is Invito's).")


async def flags_say_yes_or_no(trial: Trial) -> None:
    """What it offers is said by True or False, and what it replaces by a key or None."""
    for name in _FLAGS:
        value = getattr(trial.source, name)
        expect(isinstance(value, bool), f"`{name}` is {value!r}: True or False.")
    replaces = trial.source.replaces
    expect(replaces is None or isinstance(replaces, str), f"`replaces` is {replaces!r}: another source's key, or None.")


async def what_every_source_needs_is_written(trial: Trial) -> None:
    """The three methods that every source needs are written: containers, participants and resolve."""
    for name in _METHODS:
        is_written = getattr(type(trial.source), name) is not getattr(Source, name)
        expect(is_written, f"`{name}` is not written: every source needs it.")
