"""What trusted mail servers found out about a mail's sender (Authentication-Results, RFC 8601).

`authres` is not used: its last release is of 2019, and it gives up a whole header for a letter beyond ASCII in an
address, which the sender chooses; what is given up would count as not failed.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_SIGNED_BY = re.compile(r"header\.(?:d|i)\s*=\s*(?:[^\s;@]*@)?([^\s;@]+)", re.IGNORECASE)
_FAILED = frozenset({"fail", "hardfail"})
# These judge From's domain itself, so what they say outweighs what it is made of. The second is Microsoft's.
_OF_FROM = frozenset({"dmarc", "compauth"})
_OF_THE_WAY = frozenset({"spf", "dkim"})


def says_fail(headers: Iterable[str], trusted: AbstractSet[str], from_domain: str) -> bool:
    """Whether a header of a trusted server says that the mail is not From's.

    A failed SPF alone says nothing where a signature of From's own domain holds: so it is with mail that is passed on.
    Each header counts by itself, since one with a server's name may be the sender's.
    """
    return any(_fails(results, from_domain) for name, results in map(_parse, headers) if name in trusted)


def results_in(header: str) -> tuple[str, dict[str, str]]:
    """The name of the server that wrote a header, in lower case, and the last result of each method."""
    name, results = _parse(header)
    return name, {method: result for method, result, _ in results}


def _fails(results: list[tuple[str, str, str]], from_domain: str) -> bool:
    of_from = {result for method, result, _ in results if method in _OF_FROM}
    if of_from & _FAILED:
        return True
    if "pass" in of_from:
        return False
    signed = any(
        _aligned(domain, from_domain)
        for method, result, text in results
        if method == "dkim" and result == "pass"
        for domain in _SIGNED_BY.findall(text)
    )
    return not signed and any(method in _OF_THE_WAY and result in _FAILED for method, result, _ in results)


def _aligned(signer: str, from_domain: str) -> bool:
    """Relaxed, towards the signer alone: who holds a domain holds those below it (RFC 7489 §3.1)."""
    signer = signer.lower().rstrip(".")
    return "." in signer and (from_domain == signer or from_domain.endswith(f".{signer}"))


def _parse(header: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The server's name, and of each result method, result and the text with its properties."""
    text = _QUOTED.sub(" ", header)
    for _ in range(5):
        text, removed = _COMMENT.subn(" ", text)
        if not removed:
            break
    name, *written = text.split(";")
    return (name.split() or [""])[0].lower(), list(_results(written))


def _results(written: list[str]) -> Iterator[tuple[str, str, str]]:
    for text in written:
        if found := _RESULT.match(text):
            yield found[1].lower(), found[2].lower(), text
