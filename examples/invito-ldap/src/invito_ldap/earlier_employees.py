"""Invito's own employees, whom the directory's people are known by in follow-ups of before."""

from collections import defaultdict

from invito.plugins import EntryQuery, PageRequest, ParticipantKind, Position
from invito.plugins.names import name_key
from invito.services.directory import Directory

_AT_ONCE = 500
_KINDS = (ParticipantKind.EMPLOYEE,)


async def references_by_address(directory: Directory) -> dict[str, str]:
    """The reference of the one employee who has an address (lower case); an address of several tells nobody."""
    found: dict[str, list[str]] = defaultdict(list)
    after = None
    while True:
        query = EntryQuery(PageRequest(_AT_ONCE, after), include_unavailable=True, wants_total=False)
        page = await directory.entries(_KINDS, query)
        for entry in page.entries:
            if entry.email:
                found[entry.email.lower()].append(entry.reference)
        if not page.has_more:
            return {address: owners[0] for address, owners in found.items() if len(owners) == 1}
        last = page.entries[-1]
        after = Position(name_key(last.name), last.reference)
