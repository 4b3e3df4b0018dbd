"""Entries of a plugin. A page of 500 is looked at for each request, so that what is plainly good passes quickly."""

from collections.abc import Container as Collection
from collections.abc import Sequence

from invito.plugins.border.reading import WrongAnswer, is_not, one_for_each, sequence_of
from invito.plugins.border.texts import check_text
from invito.plugins.contract import Entry, Language, ParticipantKind
from invito.plugins.texts import (
    MOST_IN_ADDRESS,
    MOST_IN_NAME,
    MOST_IN_PLACE,
    MOST_IN_REFERENCE,
    MOST_OF_ONE_ADDRESS,
    is_time_zone,
)

# How many entries a plugin may add to a page.
_MOST_ADDED = 1_000
_MOST_NAMES_OF_ONE = 1_000


def extended_entries(answer: object, before: Sequence[Entry], directories: Collection[str]) -> Sequence[Entry]:
    """A page after a plugin added to it, took from it or changed it; whom it adds may be on the page already.

    :raises WrongAnswer: it holds something else than entries, or far more than before.
    """
    entries = sequence_of(answer, len(before) + _MOST_ADDED, "entries")
    check_entries(entries, directories)
    return list(entries)


def resolved_entries(answer: object, asked: Sequence[str], directories: Collection[str]) -> Sequence[Entry | None]:
    """An entry or None for each reference asked for; an entry's own reference is of one of the `directories`.

    :raises WrongAnswer: there are more or fewer, or something else.
    """
    entries = one_for_each(answer, len(asked), "entries or None")
    check_entries(entries, directories, or_none=True)
    return list(entries)


def found_entries(answer: object, asked: Sequence[str], directories: Collection[str]) -> Sequence[Sequence[Entry]]:
    """The entries of each address asked for.

    :raises WrongAnswer: there are more or fewer, or something else.
    """
    found = []
    for place, owners in enumerate(one_for_each(answer, len(asked), "lists of entries")):
        try:
            entries = sequence_of(owners, MOST_OF_ONE_ADDRESS, "entries")
            check_entries(entries, directories)
        except WrongAnswer as wrong:
            raise wrong.at(f"address {place}") from None
        found.append(list(entries))
    return found


def check_entries(entries: Sequence[object], directories: Collection[str], *, or_none: bool = False) -> None:
    """
    :raises WrongAnswer: one of them is none, or a field of one is wrong.
    """
    place = 0
    try:
        for place, entry in enumerate(entries):  # noqa: B007  # which one it was, if it is wrong
            if entry is not None or not or_none:
                _check(entry, directories)
    except WrongAnswer as wrong:
        raise wrong.at(f"entry {place}") from None


def check_each_once(entries: Sequence[Entry]) -> None:
    """
    :raises WrongAnswer: two of them have one reference, or an alias in common.
    """
    if len({entry.reference for entry in entries}) == len(entries) and not any(entry.aliases for entry in entries):
        return
    places: dict[str, int] = {}
    for place, entry in enumerate(entries):
        if places.setdefault(entry.reference, place) != place:
            raise WrongAnswer(f"entries {places[entry.reference]} and {place} have the same reference", entry.reference)
        for alias in entry.aliases:
            if places.setdefault(alias, place) != place:
                raise WrongAnswer(f"entries {places[alias]} and {place} have an alias in common", alias)


def _check(entry: object, directories: Collection[str]) -> None:  # noqa: C901  # one glance a field, without a call
    if type(entry) is not Entry:
        raise is_not(entry, "an Entry")
    reference, name = entry.reference, entry.name
    if type(reference) is not str or len(reference) > MOST_IN_REFERENCE or not reference.isprintable():
        check_text("reference", reference, MOST_IN_REFERENCE)
    directory, _, own = reference.partition(":")
    if not own or directory not in directories:
        raise _wrong_reference(reference, directory, own)
    if type(name) is not str or not 0 < len(name) <= MOST_IN_NAME or not name.isprintable():
        check_text("name", name, MOST_IN_NAME)
    if type(entry.kind) is not ParticipantKind:
        raise is_not(entry.kind, "a ParticipantKind").at("kind")
    email = entry.email
    if email is not None and (type(email) is not str or len(email) > MOST_IN_ADDRESS or not email.isprintable()):
        _check_if_any("email", email, MOST_IN_ADDRESS)
    if entry.organization is not None:
        _check_if_any("organization", entry.organization, MOST_IN_NAME)
    if entry.title is not None:
        _check_if_any("title", entry.title, MOST_IN_NAME)
    if entry.place is not None:
        _check_if_any("place", entry.place, MOST_IN_PLACE)
    if entry.aliases != ():
        _check_names("aliases", entry.aliases, MOST_IN_REFERENCE)
    if entry.groups != () or entry.group_ids != ():
        _check_groups(entry)
    if type(entry.is_location) is not bool:
        raise is_not(entry.is_location, "a bool").at("is_location")
    if entry.language is not None and type(entry.language) is not Language:
        raise is_not(entry.language, "a Language or None").at("language")
    zone = entry.time_zone
    if zone is not None and (type(zone) is not str or not is_time_zone(zone)):
        raise WrongAnswer("time_zone is no IANA time zone", zone)


def _wrong_reference(reference: str, directory: str, own: str) -> WrongAnswer:
    if not own:
        return WrongAnswer("reference is not <directory>:<id>", reference)
    return WrongAnswer(f"reference is of the directory {directory[:50]!r}, which is not resolved here", reference)


def _check_if_any(field: str, text: object, most: int) -> None:
    """A text that may be empty."""
    if type(text) is not str or len(text) > most or not text.isprintable():
        check_text(field, text, most)


def _check_names(field: str, names: object, most: int) -> None:
    if type(names) is not tuple:
        raise is_not(names, "a tuple of str").at(field)
    if len(names) > _MOST_NAMES_OF_ONE:
        raise WrongAnswer(f"{field} has {len(names):,} items, at most {_MOST_NAMES_OF_ONE:,} are kept")
    for name in names:
        if type(name) is not str or not 0 < len(name) <= most or not name.isprintable():
            check_text(f"one of {field}", name, most)


def _check_groups(entry: Entry) -> None:
    _check_names("groups", entry.groups, MOST_IN_NAME)
    if entry.group_ids == ():
        return
    _check_names("group_ids", entry.group_ids, MOST_IN_REFERENCE)
    if len(entry.group_ids) != len(entry.groups):
        raise WrongAnswer(f"group_ids has {len(entry.group_ids)} items and groups {len(entry.groups)}: one for each")
