"""DNS as a test says it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from invito.services.deliverability.dns_answers import DnsAnswer, Lookup, RecordType


@dataclass
class TableReader:
    """Answers from a table of (name, type) to records; what is not there is no name. `asked` counts the questions."""

    records: dict[tuple[str, RecordType], tuple[str, ...]] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    asked: Counter[tuple[str, RecordType]] = field(default_factory=Counter)

    async def ask(self, name: str, record_type: RecordType) -> DnsAnswer:
        self.asked[name, record_type] += 1
        if name in self.failing:
            return DnsAnswer(Lookup.FAILED, words="SERVFAIL")
        found = self.records.get((name, record_type))
        if found:
            return DnsAnswer(Lookup.FOUND, found)
        is_name = any(there == name for there, _ in self.records)
        return DnsAnswer(Lookup.NO_RECORD if is_name else Lookup.NO_NAME)

    def txt(self, name: str, *texts: str) -> TableReader:
        self.records[name, RecordType.TXT] = texts
        return self

    def host(self, *names: str) -> TableReader:
        for name in names:
            self.records[name, RecordType.A] = ("192.0.2.1",)
        return self

    def mx(self, name: str, *records: str) -> TableReader:
        self.records[name, RecordType.MX] = records
        return self
