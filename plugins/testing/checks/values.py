"""Entries as values: their fields, and their references."""

from collections.abc import Sequence

from invito.plugins.border import WrongAnswer, container_page, entry_page, found_entries, resolved_entries
from invito.plugins.contract import ContainerQuery, Entry, EntryQuery, PageRequest
from invito.plugins.testing.facts import Broken, expect, shown
from invito.plugins.testing.listing import LARGEST_PAGE, listings, opened, some_entries
from invito.plugins.testing.trial import Trial


async def answers_are_what_the_contract_says(trial: Trial) -> None:
    """Pages, entries and containers have the types, lengths and letters that Invito lets in."""
    try:
        largest = PageRequest(LARGEST_PAGE)
        container_page(await trial.containers(ContainerQuery(largest)), largest)
        for container in await opened(trial):
            page = await trial.participants(EntryQuery(largest, container))
            entry_page(page, largest, _directories_among(page.entries))
        some = await some_entries(trial)
        references = [entry.reference for entry in some]
        resolved_entries(await trial.resolve(references), references, _directories_among(some))
        addresses = [entry.email.lower() for entry in some if entry.email]
        found = await trial.find(addresses)
        found_entries(found, addresses, _directories_among([entry for owners in found for entry in owners]))
    except WrongAnswer as wrong:
        raise Broken(f"Invito would refuse an answer: {wrong} ({wrong.value}).") from wrong


async def answers_can_be_kept(trial: Trial) -> None:
    """Entries and containers can be hashed: whatever they hold is frozen, so that Invito may keep and compare them."""
    page = await trial.containers(ContainerQuery(PageRequest(LARGEST_PAGE)))
    for one in (*await some_entries(trial), *page.containers):
        try:
            hash(one)
        except TypeError as problem:
            raise Broken(f"{shown(one)} cannot be hashed ({problem}): give tuples, not lists.") from problem


async def references_are_of_declared_directories(trial: Trial) -> None:
    """Every reference is `<directory>:<id>` of a directory that the source declares."""
    known = trial.source.directories | trial.facts.others_directories
    for entry in await some_entries(trial):
        directory, colon, own = entry.reference.partition(":")
        expect(bool(directory and colon and own), f"{entry.reference!r} is no reference: `<directory>:<id>`.")
        # A source without directories lists others' entries alone.
        is_declared = directory in known or not trial.source.directories
        expect(
            is_declared,
            f"{entry.reference!r} is of no declared directory ({', '.join(sorted(known))}): if it is another source's, "
            "say Facts(others_directories=…).",
        )


async def a_reference_means_the_same_wherever_it_is_listed(trial: Trial) -> None:
    """A reference means the same entry in every list: kind, name and address are those of elsewhere."""
    seen: dict[str, Entry] = {}
    for one in await listings(trial):
        for entry in one.entries:
            there = seen.setdefault(entry.reference, entry)
            is_same = (there.kind, there.name, there.email) == (entry.kind, entry.name, entry.email)
            expect(is_same, f"{entry.reference!r} is {shown(there)} in one list, and {shown(entry)} in another.")


async def an_entry_has_one_reference_wherever_it_is_listed(trial: Trial) -> None:
    """An entry has the same reference wherever it is listed, so that it is invited once and its conflicts are found."""
    lists = await listings(trial)
    for place, one in enumerate(lists):
        for other in lists[place + 1 :]:
            own = {_likeness(entry): entry.reference for entry in other.entries if entry.email}
            both = set(one.references) & set(other.references)
            for entry in one.entries:
                reference = own.get(_likeness(entry), entry.reference)
                is_one = reference == entry.reference or bool(both & {reference, entry.reference})
                expect(is_one, f"{entry.name!r} is {entry.reference!r} in one list and {reference!r} in another.")


def _likeness(entry: Entry) -> tuple[object, ...]:
    return (entry.kind, entry.name, entry.email, entry.organization, entry.title)


def _directories_among(entries: Sequence[object]) -> frozenset[str]:
    """Whatever is listed: which directories may be is a promise of its own."""
    references = (getattr(entry, "reference", None) for entry in entries)
    return frozenset(one.partition(":")[0] for one in references if isinstance(one, str))
