"""What the domain asks receivers to do with mail that fails (DMARC, RFC 7489): asked, and judged.

The organization's domain is the one whose record is found on the way up from From's domain, without a list of public
suffixes: what somebody publishes at `_dmarc.co.uk` would show in the sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from invito.services.deliverability.dmarc_record import (
    Disposition,
    DmarcRecord,
    DmarcSyntaxError,
    is_dmarc,
    mailbox_of_uri,
    places_of,
    read_dmarc_record,
)
from invito.services.deliverability.dns_answers import DnsAnswer, DnsReader, Lookup, RecordType
from invito.services.deliverability.findings import Finding, doubtful, good, wrong
from invito.services.deliverability.spf import unanswered


@dataclass(frozen=True, slots=True)
class FoundDmarc:
    """The first answer with records on the way up, or the last; `place` is the domain that it is of."""

    place: str
    answer: DnsAnswer

    @property
    def texts(self) -> list[str]:
        return [text for text in self.answer.records if is_dmarc(text)]


@dataclass(frozen=True, slots=True)
class DmarcVerdict:
    """What is to be said, the record that counts, and the domain that it is of; both None where there is none."""

    findings: list[Finding]
    record: DmarcRecord | None = None
    organization: str | None = None


async def check_dmarc(dns: DnsReader, domain: str) -> DmarcVerdict:
    """What is to be said of the policy that counts for the domain."""
    found = await _found(dns, domain)
    verdict = judge_dmarc(domain, found)
    if verdict.record is None:
        return verdict
    outside = outside_reports(verdict.record, found.place)
    refused = [one for one in outside if not await _takes_reports(dns, found.place, one)]
    return DmarcVerdict(
        [*verdict.findings, *(_reports_refused(found.place, one) for one in refused)],
        verdict.record,
        verdict.organization,
    )


def judge_dmarc(domain: str, found: FoundDmarc) -> DmarcVerdict:
    """Pure."""
    if found.answer.lookup is Lookup.FAILED:
        return DmarcVerdict([unanswered("DMARC", f"_dmarc.{found.place}", found.answer)])
    texts = found.texts
    if not texts:
        return DmarcVerdict(
            [
                wrong(
                    f"DMARC: neither {domain} nor a domain above it has a policy; large providers ask for one.",
                    f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:postmaster@{domain}", and '
                    "raise p to quarantine or reject once the reports show that your mail passes.",
                )
            ]
        )
    if len(texts) > 1:
        return DmarcVerdict(
            [
                wrong(
                    f"DMARC: _dmarc.{found.place} has {len(texts)} records, and receivers heed none of several.",
                    "Leave one of them.",
                )
            ]
        )
    try:
        record = read_dmarc_record(texts[0])
    except DmarcSyntaxError as problem:
        return DmarcVerdict(
            [
                wrong(
                    f"DMARC: the record at _dmarc.{found.place} is broken, and nobody heeds it: {problem}.",
                    "Mend it, such as “v=DMARC1; p=quarantine; rua=mailto:…”.",
                )
            ]
        )
    return DmarcVerdict(_about(domain, found.place, record, texts[0]), record, found.place)


def outside_reports(record: DmarcRecord, place: str) -> Sequence[str]:
    """The domains outside of the organization that reports go to: each has to agree (RFC 7489 §7.1)."""
    addresses = filter(None, map(mailbox_of_uri, record.reports))
    domains = dict.fromkeys(address.rpartition("@")[2].lower().rstrip(".") for address in addresses)
    return [one for one in domains if one != place and not one.endswith(f".{place}")]


def _about(domain: str, place: str, record: DmarcRecord, text: str) -> list[Finding]:
    policy = record.policy if place == domain else record.subdomains
    findings = []
    if policy is Disposition.NONE:
        tag = "p" if place == domain or record.policy is Disposition.NONE else "sp"
        findings.append(
            doubtful(
                f"DMARC: {tag}=none asks receivers to take mail that somebody forged in the name of {domain}.",
                f"Once the reports show that your mail passes, set {tag}=quarantine or {tag}=reject at _dmarc.{place}.",
            )
        )
    elif record.percent < 100:
        findings.append(
            doubtful(
                f"DMARC: pct={record.percent} leaves some forged mail as it is, and newer receivers pass pct over.",
                f"Take pct out of the record at _dmarc.{place}.",
            )
        )
    if not any(map(mailbox_of_uri, record.reports)):
        findings.append(
            doubtful(
                "DMARC: nobody gets reports, so nobody sees whether your mail passes.",
                f"Add rua=mailto:… to the record at _dmarc.{place}.",
            )
        )
    where = "" if place == domain else f", which counts for {domain} too"
    return findings or [good(f"DMARC: “{text}” at _dmarc.{place}{where}.")]


async def _found(dns: DnsReader, domain: str) -> FoundDmarc:
    found = FoundDmarc(domain, DnsAnswer(Lookup.NO_NAME))
    for place in places_of(domain):
        found = FoundDmarc(place, await dns.ask(f"_dmarc.{place}", RecordType.TXT))
        if found.texts or found.answer.lookup is Lookup.FAILED:
            return found
    return found


async def _takes_reports(dns: DnsReader, place: str, outside: str) -> bool:
    answer = await dns.ask(f"{place}._report._dmarc.{outside}", RecordType.TXT)
    return answer.lookup is Lookup.FAILED or any(map(is_dmarc, answer.records))


def _reports_refused(place: str, outside: str) -> Finding:
    return doubtful(
        f"DMARC: {outside} does not say that it takes reports about {place}, so none are sent there.",
        f'Have a TXT record "v=DMARC1" published at {place}._report._dmarc.{outside}, or name an address of your own.',
    )
