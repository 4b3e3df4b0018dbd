"""Questions to DNS, by the system's servers or by those that an operator names."""

from collections.abc import Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.rdata import Rdata
from dns.resolver import NXDOMAIN, YXDOMAIN, NoResolverConfiguration

from invito.services.deliverability.dns_answers import DnsAnswer, Lookup, RecordType

_SECONDS = 5.0


class NoDnsServer(Exception):
    """The system names no DNS server."""


class DnsResolver:
    """A question is answered within `seconds`, or has failed."""

    def __init__(self, servers: Sequence[tuple[str, int]] = (), seconds: float = _SECONDS) -> None:
        """`servers` are addresses and ports, in place of the system's.

        :raises NoDnsServer: there are none, and the system has none either.
        """
        try:
            self._resolver = Resolver(configure=not servers)
        except NoResolverConfiguration as problem:
            raise NoDnsServer("The system names no DNS server: set INVITO_DNS_SERVERS.") from problem
        if servers:
            self._resolver.nameservers = [Do53Nameserver(address, port) for address, port in servers]
        self._seconds = seconds

    async def ask(self, name: str, record_type: RecordType) -> DnsAnswer:
        """What there is at a name, which is taken as it is: no search domains are tried."""
        try:
            answer = await self._resolver.resolve(
                f"{name.rstrip('.')}.", record_type.value, raise_on_no_answer=False, search=False,
                lifetime=self._seconds,
            )  # fmt: skip
        except NXDOMAIN:
            return DnsAnswer(Lookup.NO_NAME)
        except YXDOMAIN:
            return DnsAnswer(Lookup.FAILED, words="the name grows too long by its DNAME records")
        except (DNSException, OSError, UnicodeError) as problem:
            return DnsAnswer(Lookup.FAILED, words=" ".join(str(problem).split()) or type(problem).__name__)
        records = tuple(_text_of(record) for record in answer.rrset or ())
        return DnsAnswer(Lookup.FOUND if records else Lookup.NO_RECORD, records)


def _text_of(record: Rdata) -> str:
    if hasattr(record, "strings"):
        return b"".join(record.strings).decode("latin-1")
    return record.to_text()
