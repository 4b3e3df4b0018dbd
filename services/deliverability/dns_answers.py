"""What DNS answers to a question: records, none of this kind, no such name, or nothing that can be relied on."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Lookup(Enum):
    """How a question ended. NO_RECORD and NO_NAME are void lookups (RFC 7208 §4.6.4); FAILED says nothing."""

    FOUND = "FOUND"
    NO_RECORD = "NO_RECORD"
    NO_NAME = "NO_NAME"
    FAILED = "FAILED"


class RecordType(Enum):
    """The kinds of records that are asked for."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """`records` are texts: of TXT with their pieces joined (RFC 7208 §3.3), of MX "preference host"."""

    lookup: Lookup
    records: tuple[str, ...] = ()
    words: str = ""

    @property
    def is_void(self) -> bool:
        return self.lookup in (Lookup.NO_RECORD, Lookup.NO_NAME)


class DnsReader(Protocol):
    """Asks DNS."""

    async def ask(self, name: str, record_type: RecordType) -> DnsAnswer:
        """What there is at a name; a failure is an answer too."""
        ...
