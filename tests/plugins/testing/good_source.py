"""A source that keeps every promise of the contract, to be broken one way at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from invito.plugins import (
    MOST_OF_ONE_ADDRESS,
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    ParticipantKind,
    Source,
    SourceContext,
    Span,
    UnknownContainer,
    page_of_containers,
    page_of_entries,
)
from invito.plugins.testing import Facts

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEETING = Span(NOON, NOON + HOUR)
DAY = Span(NOON - 12 * HOUR, NOON + 12 * HOUR)

# Each name comes with a trap: accents, Norwegian letters, signs, two of one name, the same words in another order.
PEOPLE = [
    ("1", "Kari Nordmann", "Kari.Nordmann@nordlys.example", "sales"),
    ("2", "André Émile Crêpeau", "andre@nordlys.example", "sales"),
    ("3", "Åse Ørjasæter", "aase@nordlys.example", "sales"),
    ("4", "Ola Nordmann", "ola.1@nordlys.example", "sales"),
    ("5", "Ola Nordmann", "ola.2@nordlys.example", "support"),
    ("6", "Nils-Petter O'Hara", "nils@nordlys.example", "support"),
    ("7", "Østen Bull", None, "support"),
    ("8", "Bull Østensen", "bull@nordlys.example", "support"),
    ("9", "Kåre Aas", "kaare@nordlys.example", "support"),
    ("10", "Zoë Ærlig", "zoe@nordlys.example", "support"),
]


def person(number: str, name: str, email: str | None) -> Entry:
    aliases = (f"guest:old-{number}",) if number == "1" else ()
    return Entry(f"guest:{number}", ParticipantKind.PERSON, name, email, aliases=aliases)


class GoodSource(Source):
    """Guests in two groups, kept in memory."""

    key = "guests"
    label = Label("Guests", "Gjester")
    container_label = Label("Group", "Gruppe")
    all_label = Label("All guests", "Alle gjester")
    directories = frozenset({"guest"})
    offers_all = True
    searches_participants = True

    def __init__(self) -> None:
        self.groups: dict[str, list[Entry]] = {"sales": [], "support": []}
        for number, name, email, group in PEOPLE:
            self.groups[group].append(person(number, name, email))

    @property
    def everybody(self) -> list[Entry]:
        return [entry for group in self.groups.values() for entry in group]

    def add(self, name: str) -> None:
        self.groups["sales"].append(person(f"new-{len(self.everybody)}", name, None))

    def add_sharers(self, address: str, count: int) -> None:
        self.groups["support"] += [person(f"sharer-{number}", "Invito Kit", address) for number in range(count)]

    def boxes(self) -> list[Container]:
        names = {"sales": "Salg og marked", "support": "Ærlig støtte"}
        return [
            Container(id_, names[id_], ContainerKind.OTHER, member_count=len(entries))
            for id_, entries in self.groups.items()
        ]

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return page_of_containers(self.boxes(), query)

    def listed(self, container: str | None) -> Sequence[Entry]:
        if container is None:
            return self.everybody
        if container not in self.groups:
            raise UnknownContainer(container)
        return self.groups[container]

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return page_of_entries(self.listed(query.container), query)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        known = {reference: entry for entry in self.everybody for reference in entry.references}
        return [known.get(reference) for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        found = [[entry for entry in self.everybody if (entry.email or "").lower() == one] for one in addresses]
        return [entries[:MOST_OF_ONE_ADDRESS] for entries in found]

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Sequence[Sequence[Span] | None]:
        spans = [MEETING] if MEETING.overlaps(span) else []
        return [spans if reference == "guest:1" else None for reference in references]


def facts_of(source: GoodSource) -> Facts:
    """All that can be known of it."""
    return Facts(
        reference="guest:1",
        container="sales",
        address="kari.nordmann@nordlys.example",
        busy=("guest:1", DAY),
        add_entry=source.add,
        add_sharers=source.add_sharers,
        call_seconds=60,
    )
