"""SPF records as they are written (RFC 7208 §4.5, §4.6, §12). Pure."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

VERSION = "v=spf1"
_TERM = re.compile(
    r"(?P<qualifier>[+?~-])?(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<value>[:/].*)?", re.IGNORECASE
)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>\S*)", re.IGNORECASE)
_TAKES_DOMAIN = frozenset({"include", "a", "mx", "ptr", "exists"})
_NEEDS_DOMAIN = frozenset({"include", "exists"})
# Each of these asks DNS, and at most ten may be (§4.6.4).
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists"})
_MACRO = re.compile(r"%\{[^}]*\}")
_DUAL_PREFIX = re.compile(r"(?P<domain>[^/]*)(?:/(?P<four>\d+))?(?://(?P<six>\d+))?")


class SpfSyntaxError(ValueError):
    """A record that receivers take as no record at all (permerror)."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One term: `qualifier` is + - ~ or ?; `domain` is None where the record's own is meant."""

    qualifier: str
    name: str
    domain: str | None = None

    @property
    def asks_dns(self) -> bool:
        return self.name in _ASKS

    @property
    def has_macro(self) -> bool:
        """Whether the domain depends on who sends, so that it cannot be looked up beforehand (§7)."""
        return self.domain is not None and "%" in self.domain


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """The mechanisms in their order, and where to go on where none of them matches."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str | None = None

    @property
    def catch_all(self) -> str | None:
        """The qualifier of `all`, None where there is none."""
        return next((one.qualifier for one in self.mechanisms if one.name == "all"), None)

    @property
    def reached(self) -> tuple[Mechanism, ...]:
        """Those that receivers come to: what stands behind `all` is never looked at (§5.1)."""
        for place, one in enumerate(self.mechanisms):
            if one.name == "all":
                return self.mechanisms[: place + 1]
        return self.mechanisms


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record, well-formed or not (§4.5)."""
    return text.lower() == VERSION or text.lower().startswith(f"{VERSION} ")


def read_spf_record(text: str) -> SpfRecord:
    """
    :raises SpfSyntaxError: it breaks the rules somewhere, which spoils all of it (§4.6).
    """
    if not is_spf(text):
        raise SpfSyntaxError("it does not begin with v=spf1")
    mechanisms, modifiers = [], dict[str, str]()
    for term in text.split(" ")[1:]:
        if not term:
            continue
        modifier = _MODIFIER.fullmatch(term)
        if modifier is None:
            mechanisms.append(_mechanism(term))
            continue
        name = modifier["name"].lower()
        if name in modifiers and name in ("redirect", "exp"):
            raise SpfSyntaxError(f"{name}= is there twice")
        modifiers[name] = modifier["value"]
    if modifiers.get("redirect") == "":
        raise SpfSyntaxError("redirect= names no domain")
    return SpfRecord(tuple(mechanisms), modifiers.get("redirect"))


def _mechanism(term: str) -> Mechanism:
    match = _TERM.fullmatch(term)
    if match is None:
        raise SpfSyntaxError(f"nobody knows the term {term}")
    name, value = match["name"].lower(), match["value"] or ""
    qualifier = match["qualifier"] or "+"
    if name in ("ip4", "ip6"):
        _check_network(name, value, term)
        return Mechanism(qualifier, name)
    if name not in _TAKES_DOMAIN:
        if value:
            raise SpfSyntaxError(f"{term} takes no value")
        return Mechanism(qualifier, name)
    return Mechanism(qualifier, name, _domain(name, value, term))


def _check_network(name: str, value: str, term: str) -> None:
    if not value.startswith(":"):
        raise SpfSyntaxError(f"{term} names no address")
    try:
        network = (IPv4Network if name == "ip4" else IPv6Network)(value[1:], strict=False)
    except ValueError:
        raise SpfSyntaxError(f"{term} is no {'IPv4' if name == 'ip4' else 'IPv6'} address or network") from None
    if "/" in value and not value.rpartition("/")[2].isdecimal():
        raise SpfSyntaxError(f"{term} has no prefix length behind its slash: {network.prefixlen} is meant")


def _domain(name: str, value: str, term: str) -> str | None:
    domain = value
    if name in ("a", "mx"):
        match = _DUAL_PREFIX.fullmatch(value)
        if match is None or int(match["four"] or 0) > 32 or int(match["six"] or 0) > 128:
            raise SpfSyntaxError(f"{term} has no valid prefix length")
        domain = match["domain"]
    if domain in ("", ":"):
        if domain == ":" or name in _NEEDS_DOMAIN:
            raise SpfSyntaxError(f"{term} names no domain")
        return None
    if not domain.startswith(":") or "/" in _MACRO.sub("", domain):
        raise SpfSyntaxError(f"{term} names no domain")
    return domain[1:].rstrip(".").lower()
