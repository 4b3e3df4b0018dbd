"""Whether mail is signed so that it counts for the domain (DKIM, RFC 6376): its keys asked for, and judged."""

from collections.abc import Sequence

from invito.services.deliverability.dkim_record import DkimKey, DkimSignature, DkimSyntaxError, read_dkim_key
from invito.services.deliverability.dmarc import DmarcVerdict
from invito.services.deliverability.dmarc_record import is_aligned
from invito.services.deliverability.dns_answers import DnsAnswer, DnsReader, Lookup, RecordType
from invito.services.deliverability.findings import Finding, doubtful, good, wrong
from invito.services.deliverability.spf import unanswered

# RFC 8301 §3.2: shorter ones must not be used, and these should not.
_SHORTEST_BITS, _GOOD_BITS = 1024, 2048


async def check_dkim_keys(dns: DnsReader, domain: str, selectors: Sequence[str]) -> list[Finding]:
    """What is to be said of the keys that an operator names."""
    return [await _check_key(dns, domain, selector) for selector in dict.fromkeys(selectors)]


async def check_dkim_signatures(
    dns: DnsReader, domain: str, signatures: Sequence[DkimSignature], dmarc: DmarcVerdict
) -> list[Finding]:
    """What is to be said of the signatures of a mail that came back, and of their keys."""
    findings = judge_signatures(domain, signatures, dmarc)
    for domain_and_selector in dict.fromkeys((one.domain, one.selector) for one in signatures):
        findings.append(await _check_key(dns, *domain_and_selector))
    return findings


def judge_signatures(domain: str, signatures: Sequence[DkimSignature], dmarc: DmarcVerdict) -> list[Finding]:
    """Pure."""
    if not signatures:
        return [
            wrong(
                "DKIM: the test mail came back without a signature.",
                f"Have your mail server sign what it sends for {domain}, and publish its key.",
            )
        ]
    is_strict = dmarc.record is not None and dmarc.record.is_strict_dkim
    aligned = [one for one in signatures if is_aligned(one.domain, domain, dmarc.organization, is_strict=is_strict)]
    if not aligned:
        signers = ", ".join(sorted({one.domain for one in signatures}))
        return [
            wrong(
                f"DKIM: the test mail is signed for {signers}, which does not count for {domain} (alignment).",
                f"Have it signed with d={domain}.",
            )
        ]
    if all(one.algorithm == "rsa-sha1" for one in aligned):
        return [wrong("DKIM: the test mail is signed with rsa-sha1, which receivers refuse.", "Sign with rsa-sha256.")]
    return [good(f"DKIM: the test mail is signed for {aligned[0].domain}.")]


def judge_key(name: str, answer: DnsAnswer) -> Finding:
    """Pure; `name` is selector._domainkey.domain."""
    if answer.lookup is Lookup.FAILED:
        return unanswered("DKIM", name, answer)
    if not answer.records:
        return wrong(f"DKIM: there is no key at {name}.", "Publish the TXT record there that your mail server names.")
    if len(answer.records) > 1:
        return wrong(f"DKIM: there are {len(answer.records)} TXT records at {name}.", "Leave the one with the key.")
    try:
        key = read_dkim_key(answer.records[0])
    except DkimSyntaxError as problem:
        return wrong(f"DKIM: the key at {name} cannot be used: {problem}.", "Publish it anew, whole.")
    return _judged(name, key)


def _judged(name: str, key: DkimKey) -> Finding:
    if key.bits is None:
        return wrong(
            f"DKIM: the key at {name} was revoked (p= is empty).", "Sign with another selector, or publish the key."
        )
    if not key.is_for_mail:
        return wrong(f"DKIM: the key at {name} is not for mail (s=).", "Take s= out of the record.")
    if key.kind == "rsa" and key.bits < _SHORTEST_BITS:
        return wrong(
            f"DKIM: the key at {name} has {key.bits} bits, and receivers refuse fewer than {_SHORTEST_BITS}.",
            f"Make one of {_GOOD_BITS} bits.",
        )
    if key.is_testing:
        return doubtful(f"DKIM: the key at {name} says that it is a test (t=y).", "Take t=y out of the record.")
    if key.kind == "rsa" and key.bits < _GOOD_BITS:
        return doubtful(f"DKIM: the key at {name} has {key.bits} bits.", f"Make one of {_GOOD_BITS} bits.")
    return good(f"DKIM: there is a key at {name} ({key.kind}, {key.bits} bits).")


async def _check_key(dns: DnsReader, domain: str, selector: str) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    return judge_key(name, await dns.ask(name, RecordType.TXT))
