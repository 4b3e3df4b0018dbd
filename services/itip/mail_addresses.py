"""The addresses in a header, for decisions: what can be read two ways is not read at all.

Not the standard library's: `parseaddr` is wrong on 3.11 (CVE-2023-27043), and `email.headerregistry` takes the first
address out of "victim@x.example <attacker@y.example>", raises for an encoded line break and takes seconds for a long
header.
"""

import re
from collections.abc import Sequence

from invito.services.addresses import address_key, normalised_address

_QUOTED = re.compile(r'"[^"]*"')
_WORD = r'[^\s<>()\[\],;:"@\\]+'
_ADDRESS = re.compile(f"{_WORD}@{_WORD}")
_LONGEST_SENDER = 1_000
_LONGEST_RECIPIENTS = 8_000
_MOST_RECIPIENTS = 50


def sender_addresses(values: Sequence[str]) -> tuple[str, ...]:
    """All addresses that the From headers name, each once; none where one cannot be read as an address.

    Besides the one in angle brackets that means an unquoted one in the name too, and one in a comment: mail servers
    that judged the mail may have taken either.
    """
    if sum(map(len, values)) > _LONGEST_SENDER:
        return ()
    found = dict[str, str]()
    for value in values:
        # An escaped quote may end a name for one reader and not for another.
        text = value if "\\" in value else _QUOTED.sub(" ", value)
        written = _ADDRESS.findall(text)
        valid = [address for one in written if (address := normalised_address(one))]
        if text.count("@") != len(valid):
            return ()
        found.update((address_key(address), address) for address in valid)
    return tuple(found.values())


def sender_name(value: str) -> str:
    """What From calls its sender, for display only: the header without the address in angle brackets."""
    name = re.sub(r"<[^<>]*>\s*$", "", value[:_LONGEST_SENDER]).strip()
    return name.strip('"').replace('\\"', '"') if name else value[:_LONGEST_SENDER].strip("<> ")


def recipient_addresses(values: Sequence[str]) -> tuple[str, ...]:
    """The addresses that these headers name, in order, each once, the first fifty."""
    found = dict[str, str]()
    for value in values:
        for written in _ADDRESS.findall(_QUOTED.sub(" ", value[:_LONGEST_RECIPIENTS])):
            if len(found) == _MOST_RECIPIENTS:
                return tuple(found.values())
            if address := normalised_address(written):
                found.setdefault(address_key(address), address)
    return tuple(found.values())
