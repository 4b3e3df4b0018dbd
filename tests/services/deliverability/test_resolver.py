"""Questions to a real DNS server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from invito.services.deliverability.arrival import check_arrival
from invito.services.deliverability.dmarc import check_dmarc
from invito.services.deliverability.dns_answers import DnsAnswer, Lookup, RecordType
from invito.services.deliverability.findings import Outcome
from invito.services.deliverability.resolver import DnsResolver
from invito.services.deliverability.spf import check_spf
from tests.dns_servers import running_nsd, txt
from tests.free_ports import free_port

LONG = f"v=DKIM1; p={'A' * 600}"


@pytest.fixture(scope="module")
def dns() -> Iterator[DnsResolver]:
    records = (
        "office IN MX 20 mx2.office", "office IN MX 10 mx1", "mx1 IN A 192.0.2.1", "mx2.office IN AAAA 2001:db8::1",
        txt("office", "v=spf1 include:_spf.provider.example -all"), txt("office", "verification=1"),
        txt("_spf.provider", "v=spf1 ip4:192.0.2.0/24 -all"), txt("_dmarc.office", "v=DMARC1; p=reject"),
        txt("long", LONG), "alias IN CNAME long", "null IN MX 0 .",
        # More than a datagram of 512 octets holds, many times over.
        *(txt("many", f"{number} {'x' * 200}") for number in range(20)),
    )  # fmt: skip
    with running_nsd("example", *records) as port:
        yield DnsResolver([("127.0.0.1", port)])


async def test_records_come_as_texts(dns: DnsResolver) -> None:
    mx = await dns.ask("office.example", RecordType.MX)
    long = await dns.ask("LONG.example.", RecordType.TXT)
    alias = await dns.ask("alias.example", RecordType.TXT)
    many = await dns.ask("many.example", RecordType.TXT)

    assert sorted(mx.records) == ["10 mx1.example.", "20 mx2.office.example."]
    assert long.records == alias.records == (LONG,)
    assert len(many.records) == 20


async def test_none_of_this_kind_and_no_such_name_are_told_apart(dns: DnsResolver) -> None:
    assert await dns.ask("long.example", RecordType.A) == DnsAnswer(Lookup.NO_RECORD)
    assert await dns.ask("gone.example", RecordType.A) == DnsAnswer(Lookup.NO_NAME)


@pytest.mark.parametrize("name", ["elsewhere.test", "a..example", f"{'x' * 64}.example", ".".join(["x" * 60] * 5)])
async def test_what_cannot_be_asked_or_answered_has_failed(dns: DnsResolver, name: str) -> None:
    answer = await dns.ask(name, RecordType.TXT)

    assert answer.lookup is Lookup.FAILED
    assert answer.words


async def test_a_server_that_is_not_there_fails_within_the_time_that_it_has() -> None:
    answer = await DnsResolver([("127.0.0.1", free_port())], seconds=0.2).ask("office.example", RecordType.A)

    assert answer.lookup is Lookup.FAILED


async def test_a_domain_is_judged_by_what_a_server_answers(dns: DnsResolver) -> None:
    (spf,) = await check_spf(dns, "office.example", None)
    (mx,) = await check_arrival(dns, "office.example")
    (null,) = await check_arrival(dns, "null.example")
    dmarc = await check_dmarc(dns, "mail.office.example")

    assert spf.sentence == "SPF: “v=spf1 include:_spf.provider.example -all” (1 of 10 lookups)."
    assert mx.sentence == "MX: mail to office.example goes to mx1.example, mx2.office.example."
    assert (null.outcome, dmarc.organization) == (Outcome.WRONG, "office.example")
