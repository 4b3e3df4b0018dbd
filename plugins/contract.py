"""The values that cross the border between Invito and a plugin: frozen, typed, and nothing but data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class Language(Enum):
    """The languages of the texts that people see."""

    EN = "en"
    NB = "nb"


class ParticipantKind(Enum):
    """What sort of participant an entry is. EMPLOYEE and RESOURCE have a calendar in Invito."""

    EMPLOYEE = "EMPLOYEE"
    PERSON = "PERSON"
    COMPANY = "COMPANY"
    RESOURCE = "RESOURCE"
    EMAIL = "EMAIL"
    OTHER = "OTHER"


class ContainerKind(Enum):
    """What sort of list a container is."""

    USER_GROUP = "USER_GROUP"
    COMPANY = "COMPANY"
    PERSON = "PERSON"
    PROJECT = "PROJECT"
    SELECTION = "SELECTION"
    RESOURCE_GROUP = "RESOURCE_GROUP"
    OTHER = "OTHER"


class UnknownContainer(LookupError):
    """Raised by a source that is asked for a container it does not have."""


@dataclass(frozen=True, slots=True)
class Label:
    """One text in both languages."""

    en: str
    nb: str

    def in_language(self, language: Language) -> str:
        return self.nb if language is Language.NB else self.en


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time [start, end) between two UTC instants.

    :raises ValueError: an instant has no offset, or the end does not come after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("a span's start and end need an offset from UTC")
        if self.end <= self.start:
            raise ValueError("a span's end must come after its start")
        object.__setattr__(self, "start", _in_utc(self.start))
        object.__setattr__(self, "end", _in_utc(self.end))

    def overlaps(self, other: "Span") -> bool:
        """Whether both share a moment; back to back is no overlap (F9)."""
        return self.start < other.end and other.start < self.end


def _in_utc(instant: datetime) -> datetime:
    """The instant as a plain datetime, whatever library's kind of datetime it is."""
    utc = instant.astimezone(UTC)
    return utc if type(utc) is datetime else datetime.combine(utc.date(), utc.time(), UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody or something that can be invited, as a source lists it.

    `reference` is `<directory>:<id>`, the same in whichever source the entry is found; `aliases` are other references
    of the same one. `groups` are the names of an employee's user groups, the first one being *the* group (visibility
    OWNER_GROUP); `group_ids` tell groups of one name apart, one for each. Without them one name is one group.
    `place` is what a location (`is_location`) puts into a follow-up's empty place (F13).
    """

    reference: str
    kind: ParticipantKind
    name: str
    email: str | None = None
    organization: str | None = None
    title: str | None = None
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    place: str | None = None
    is_location: bool = False
    language: Language | None = None
    time_zone: str | None = None

    @property
    def references(self) -> tuple[str, ...]:
        return (self.reference, *self.aliases)

    @property
    def group_keys(self) -> tuple[str, ...]:
        """What the groups are compared by."""
        return self.group_ids or self.groups


@dataclass(frozen=True, slots=True)
class Container:
    """A list that entries are taken from. `id` is the source's own and means nothing to others."""

    id: str
    name: str
    kind: ContainerKind
    description: str | None = None
    member_count: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The place after which a page begins: the `name_key` of the last name seen, and its reference or container id."""

    name_key: str
    id: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `first` in name order (`invito.plugins.names.name_key`, ties in a stable order), those after `after`."""

    first: int
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class ContainerQuery:
    """Which containers are asked for; an empty `search` means all of them.

    Counting may be left out where it is not asked for: the total, and each container's `member_count`.
    """

    page: PageRequest
    search: str = ""
    wants_total: bool = True
    wants_member_counts: bool = True


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries are asked for: those of one container, or of all where `container` is None.

    `include_unavailable` asks for those too that an administrator set as not available as a participant (F7). The total
    may be left out unless it is asked for.
    """

    page: PageRequest
    container: str | None = None
    search: str = ""
    include_unavailable: bool = False
    wants_total: bool = True


@dataclass(frozen=True, slots=True)
class ContainerPage:
    """`has_more` tells whether there is anything after the last one; `total` is None where counting costs too much."""

    containers: Sequence[Container]
    has_more: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`has_more` tells whether there is anything after the last one; `total` is None where counting costs too much."""

    entries: Sequence[Entry]
    has_more: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ViewerIdentity:
    """Who asks: the verified e-mail address, and the references of the employee who has it (none for a stranger)."""

    email: str
    references: tuple[str, ...] = ()
    is_administrator: bool = False
