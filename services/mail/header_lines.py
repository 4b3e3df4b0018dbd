"""The header lines of a mail, folded and encoded by Python's email library (RFC 5322, 2047, 6532). Pure."""

import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, MessageIDHeader
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache

from invito.services.itip.lines import unbroken

_REGISTRY = HeaderRegistry()
# Python writes long ids that it does not know as such as encoded words, which nobody reads as ids.
for _name in ("In-Reply-To", "References"):
    _REGISTRY.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # a mixin, which the registry completes
# Some versions of Python lose the quotes around these where a long name is folded (CVE-2025-1795).
_QUOTED = re.compile(r'[()<>@,;:\\"\[\]\s]+')
_MOST_IN_NAME = 100
# What ends a line where no other is begun by a blank: the rest of it would be a header of its own.
_LOOSE_END = re.compile(rb"[\r\n](?![\n\t ])")
# Colleagues write to each other again and again, and reading an address is half of the work of a header.
_KEPT = 4_096


@lru_cache
def _kind_of(name: str) -> type[BaseHeader]:
    """The library makes a class of its own for each header that it is asked for; one of each name is enough."""
    return _REGISTRY[name]


def _header(name: str, value: object) -> BaseHeader:
    return _kind_of(name)(name, value)


_POLICIES = {policy.utf8: policy.clone(header_factory=_header) for policy in (SMTP, SMTPUTF8)}


def header_line(name: str, value: str | datetime | Address, *, utf8: bool = False) -> bytes:
    """The line, with CRLF; `utf8` where servers have to take headers beyond ASCII anyway.

    :raises ValueError: the value holds the end of a line.
    """
    policy = _POLICIES[utf8]
    _, header = policy.header_store_parse(name, value)
    line: bytes = policy.fold_binary(name, header)
    if _LOOSE_END.search(line.removesuffix(b"\r\n")):
        raise ValueError(f"{name} would be more than one header")
    return line


@lru_cache(_KEPT)
def address_line(name: str, person: str, address: str, *, utf8: bool = False) -> bytes:
    """The line of a header that names one person by an address that is valid."""
    local, _, domain = address.rpartition("@")
    shown = _QUOTED.sub(" ", unbroken(person)).replace("=?", "= ?").strip()[:_MOST_IN_NAME]
    return header_line(name, Address(shown, local, domain), utf8=utf8)
