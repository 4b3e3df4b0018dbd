"""DMARC records as they are written, and who is aligned with whom (RFC 7489 §3.1, §6.3). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from invito.services.deliverability.tag_lists import TagSyntaxError, read_tags

_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")
# A name with more labels is cut on the way up, as receivers do that walk the tree.
_MOST_LABELS = 8


class Disposition(Enum):
    """What receivers are asked to do with mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class DmarcSyntaxError(ValueError):
    """A record that receivers take as no record at all."""


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """`subdomains` is for those without a record of their own. Strict alignment takes the very domain alone."""

    policy: Disposition
    subdomains: Disposition
    is_strict_dkim: bool = False
    percent: int = 100
    reports: tuple[str, ...] = ()


def is_dmarc(text: str) -> bool:
    """Whether a TXT record is a DMARC record, well-formed or not."""
    return _VERSION.match(text) is not None


def read_dmarc_record(text: str) -> DmarcRecord:
    """
    :raises DmarcSyntaxError: a tag that matters cannot be read.
    """
    try:
        tags = read_tags(text)
    except TagSyntaxError as problem:
        raise DmarcSyntaxError(str(problem)) from None
    if "p" not in tags:
        raise DmarcSyntaxError("p= is missing")
    policy = _disposition("p", tags["p"])
    percent = tags.get("pct", "100")
    if not percent.isdecimal() or int(percent) > 100:
        raise DmarcSyntaxError(f"pct={percent} is no number from 0 to 100")
    _is_strict("aspf", tags)  # MAIL FROM is of From's own domain here, which is aligned however strict it is
    return DmarcRecord(
        policy,
        _disposition("sp", tags["sp"]) if "sp" in tags else policy,
        _is_strict("adkim", tags),
        int(percent),
        tuple(uri.strip() for uri in tags.get("rua", "").split(",") if uri.strip()),
    )


def places_of(domain: str) -> Iterator[str]:
    """The domains whose record may count for this one: its own, then those above it, without the top."""
    labels = domain.split(".")
    yield domain
    for first in range(max(1, len(labels) - _MOST_LABELS + 1), len(labels) - 1):
        yield ".".join(labels[first:])


def is_aligned(domain: str, sender_domain: str, organization: str | None, *, is_strict: bool) -> bool:
    """Whether what was authenticated counts for From's domain; `organization` is the domain that both may belong to."""
    domain, sender_domain = domain.lower().rstrip("."), sender_domain.lower().rstrip(".")
    if is_strict or organization is None:
        return domain == sender_domain
    return all(one == organization or one.endswith(f".{organization}") for one in (domain, sender_domain))


def mailbox_of_uri(uri: str) -> str | None:
    """The address that reports go to, None where it is no mailto: (a size limit may follow, RFC 7489 §6.4)."""
    address = uri.partition("!")[0]
    is_mail = address.lower().startswith("mailto:") and "@" in address
    return address[len("mailto:") :] if is_mail else None


def _disposition(tag: str, value: str) -> Disposition:
    try:
        return Disposition(value.lower())
    except ValueError:
        raise DmarcSyntaxError(f"{tag}={value} is none of none, quarantine, reject") from None


def _is_strict(tag: str, tags: dict[str, str]) -> bool:
    value = tags.get(tag, "r").lower()
    if value not in ("r", "s"):
        raise DmarcSyntaxError(f"{tag}={value} is neither r nor s")
    return value == "s"
