"""The contract of a participant source: what a plugin writes to be offered under Select from."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from invito.plugins.contract import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Language,
    Span,
    ViewerIdentity,
)


@dataclass(frozen=True, slots=True)
class SourceContext:
    """Who asks, and within what.

    `time_zone` is an IANA name, `deadline` an instant of `time.monotonic()` in seconds after which nobody waits for
    the answer. `directory` is the public read interface to what Invito keeps itself: `invito.services.directory`
    hands it out typed, by `Directory.of(context)`.
    """

    viewer: ViewerIdentity | None
    language: Language
    time_zone: str
    deadline: float
    directory: object


class Source:
    """A place to take participants from. Every method may be plain or `async`; plain ones run in a thread.

    `key` names it for clients for ever. `directories` are the prefixes of the references that `resolve` knows.
    `offers_all`: All may be chosen in place of a container. `is_searchable`: there are too many containers to choose
    from without searching. `searches_participants`: the one search box over all sources (F11) asks it too, by
    `participants` with a search and no container. `replaces` is the key of the source that this one stands in for.
    `lists_employees`: among its entries are employees, so its `find` is asked who a viewer is; who replaces such a
    source is asked in its place. Be quick there: every request waits for it.
    """

    key: ClassVar[str]
    label: ClassVar[Label]
    container_label: ClassVar[Label]
    all_label: ClassVar[Label]
    directories: ClassVar[frozenset[str]]
    offers_all: ClassVar[bool] = False
    is_searchable: ClassVar[bool] = False
    searches_participants: ClassVar[bool] = False
    replaces: ClassVar[str | None] = None
    lists_employees: ClassVar[bool] = False

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage | Awaitable[ContainerPage]:
        """The containers to choose from, by name."""
        raise NotImplementedError

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage | Awaitable[EntryPage]:
        """The entries of one container, or of all, by name.

        :raises UnknownContainer: there is no such container.
        """
        raise NotImplementedError

    def resolve(
        self, context: SourceContext, references: Sequence[str]
    ) -> Sequence[Entry | None] | Awaitable[Sequence[Entry | None]]:
        """The entries of these references, in this order; None for one that is not there (any longer)."""
        raise NotImplementedError

    def find(
        self, context: SourceContext, addresses: Sequence[str]
    ) -> Sequence[Sequence[Entry]] | Awaitable[Sequence[Sequence[Entry]]]:
        """For each of these e-mail addresses (lower case) the entries that have it, in this order.

        At most MOST_OF_ONE_ADDRESS for each: those of an address that more have are any of them.
        """
        return [[] for _ in addresses]

    def busy(
        self, context: SourceContext, references: Sequence[str], span: Span
    ) -> Sequence[Sequence[Span] | None] | Awaitable[Sequence[Sequence[Span] | None]]:
        """For each reference, in this order, its busy spans that overlap `span`; None where nobody knows."""
        return [None for _ in references]
