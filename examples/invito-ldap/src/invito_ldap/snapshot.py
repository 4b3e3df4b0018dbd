"""Everybody as they were when the directory was last read, made ready for every question."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from invito.plugins import MOST_OF_ONE_ADDRESS, Container, Entry, NameIndex
from invito_ldap.entries import Group, Person, group_of, person_of
from invito_ldap.errors import NobodyThere
from invito_ldap.reading import open_directory
from invito_ldap.settings import LdapSettings

# As many as Invito takes of one person.
_MOST_GROUPS_OF_ONE = 1_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """People and groups in name order, and who is behind a reference or an address (lower case).

    `members` and `by_address` have places in `everybody`: numbers, which the garbage collector does not look at.
    """

    everybody: NameIndex[Entry]
    groups: NameIndex[Container]
    members: Mapping[str, Sequence[int]]
    by_reference: Mapping[str, Entry]
    by_address: Mapping[str, Sequence[int]]
    left_out: int
    read_at: datetime

    def at(self, address: str) -> list[Entry]:
        """Those who have this address, as many as Invito takes."""
        return [self.everybody.items[place] for place in self.by_address.get(address, ())[:MOST_OF_ONE_ADDRESS]]


def read_snapshot(settings: LdapSettings, earlier: Mapping[str, str]) -> Snapshot:
    """Read the whole directory. `earlier` are the references by which Invito knew people before, by address.

    :raises DirectoryUnread: it could not be read, or has nobody.
    """
    with open_directory(settings) as directory:
        people, strangers = {}, 0
        for record in directory.records(settings.people_bases, settings.people_filter, settings.person_attributes):
            person = person_of(record, settings)
            if person is None:
                strangers += 1
            else:
                people[person.entry.reference] = person
        found = directory.records(settings.group_bases, settings.group_filter, settings.group_attributes)
        groups = {group.id: group for record in found if (group := group_of(record, settings)) is not None}
    if not people:
        raise NobodyThere(
            f"{strangers} entries match PEOPLE_FILTER, and none has both {settings.id_attribute} and "
            f"{settings.name_attribute}: look at the bases, at the filter, and at what BIND_DN may read"
        )
    return snapshot_of(people.values(), groups.values(), earlier, strangers)


def snapshot_of(
    people: Collection[Person], groups: Collection[Group], earlier: Mapping[str, str], left_out: int = 0
) -> Snapshot:
    """These people and groups; a group of which nobody is there is left out."""
    by_reference = {person.entry.reference: person for person in people}
    order = NameIndex(person.entry for person in people)
    listed = [by_reference[entry.reference] for entry in order.items]
    places = {person.name_in_directory: place for place, person in enumerate(listed)}
    members = {group.id: sorted(places[one] for one in group.members if one in places) for group in groups}
    named = [group.container(len(members[group.id])) for group in groups if members[group.id]]
    offered = NameIndex(named)
    entries = _entries(listed, offered.items, members, _earlier_references(listed, earlier))
    everybody = NameIndex(entries, order)
    by_address: dict[str, array[int]] = {}
    for place, person in enumerate(listed):
        for address in person.addresses:
            by_address.setdefault(address, array("I")).append(place)
    return Snapshot(
        everybody,
        offered,
        {group.id: members[group.id] for group in offered.items},
        {reference: entry for entry in entries for reference in entry.references},
        by_address,
        left_out,
        datetime.now(UTC),
    )


def _entries(
    people: Sequence[Person],
    groups: Sequence[Container],
    members: Mapping[str, Sequence[int]],
    earlier: Mapping[str, str],
) -> list[Entry]:
    """Each with their groups by name, and with the reference of before among the aliases."""
    groups_of: dict[int, list[Container]] = defaultdict(list)
    for group in groups:
        for place in members[group.id]:
            groups_of[place].append(group)
    entries = []
    for place, person in enumerate(people):
        own = groups_of[place][:_MOST_GROUPS_OF_ONE]
        alias = earlier.get(person.entry.reference)
        entries.append(
            replace(
                person.entry,
                aliases=() if alias is None else (alias,),
                groups=tuple(group.name for group in own),
                group_ids=tuple(group.id for group in own),
            )
        )
    return entries


def _earlier_references(people: Sequence[Person], earlier: Mapping[str, str]) -> dict[str, str]:
    """Who was whom before, where an address says so beyond doubt: two who are taken for one are so for ever."""
    owners: dict[str, set[str]] = defaultdict(set)
    candidates: dict[str, set[str]] = defaultdict(set)
    for person in people:
        for address in person.addresses:
            if (reference := earlier.get(address)) is not None:
                owners[reference].add(person.entry.reference)
                candidates[person.entry.reference].add(reference)
    return {
        person: only
        for person, references in candidates.items()
        if len(references) == 1 and len(owners[only := next(iter(references))]) == 1
    }
