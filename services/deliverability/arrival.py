"""Whether mail to the domain finds a server: its MX records, or its addresses (RFC 5321 §5.1, RFC 7505)."""

import asyncio

from invito.services.deliverability.dns_answers import DnsAnswer, DnsReader, Lookup, RecordType
from invito.services.deliverability.findings import Finding, doubtful, good, wrong
from invito.services.deliverability.spf import unanswered

_ADDRESSES = (RecordType.A, RecordType.AAAA)


async def check_arrival(dns: DnsReader, domain: str) -> list[Finding]:
    """What is to be said of the way that answers take."""
    mx = await dns.ask(domain, RecordType.MX)
    hosts = mx_hosts(mx)
    names = hosts or ([domain] if mx.is_void else [])
    asked = [dns.ask(name, kind) for name in names if name for kind in _ADDRESSES]
    found = await asyncio.gather(*asked)
    pairs = zip(found[::2], found[1::2], strict=True)
    addresses = dict(zip([name for name in names if name], pairs, strict=True))
    return judge_arrival(domain, mx, addresses)


def mx_hosts(mx: DnsAnswer) -> list[str]:
    """The hosts, the most preferred first; "" is the null MX."""
    pairs = [record.split() for record in mx.records]
    return [pair[1].rstrip(".").lower() for pair in sorted(pairs, key=lambda pair: int(pair[0]))]


def judge_arrival(domain: str, mx: DnsAnswer, addresses: dict[str, tuple[DnsAnswer, DnsAnswer]]) -> list[Finding]:
    """Pure; `addresses` are A and AAAA of the hosts, or of the domain itself where there is no MX."""
    if mx.lookup is Lookup.FAILED:
        return [unanswered("MX", domain, mx)]
    hosts = mx_hosts(mx)
    if "" in hosts:
        return [
            wrong(
                f"MX: {domain} says that it takes no mail (null MX, RFC 7505), so no answer arrives.",
                f"Publish the MX record of your mail server at {domain}, or use an address of another domain.",
            )
        ]
    if not hosts:
        if any(one.records for one in addresses.get(domain, ())):
            return [
                doubtful(
                    f"MX: {domain} has no MX record; mail goes to the address of the domain itself.",
                    f"Publish an MX record at {domain} that names your mail server.",
                )
            ]
        return [
            wrong(
                f"MX: {domain} has neither MX records nor addresses, so no answer arrives.",
                f"Publish an MX record at {domain} that names your mail server.",
            )
        ]
    lost = [host for host in hosts if all(one.is_void for one in addresses[host])]
    if len(lost) == len(hosts):
        return [
            wrong(
                f"MX: no server of {domain} has an address: {', '.join(lost)}.",
                "Publish A or AAAA records for it, or name another server.",
            )
        ]
    if lost:
        return [doubtful(f"MX: {', '.join(lost)} of {domain} has no address.", "Mend its name, or take it out.")]
    return [good(f"MX: mail to {domain} goes to {', '.join(hosts)}.")]
