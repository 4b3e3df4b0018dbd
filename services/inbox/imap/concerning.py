"""Which mails of a viewer's own mailbox may be about an invitation; the others are nobody's business here.

Decided by what the server says of a mail's structure, so that the others are never fetched. Pure.
"""

import re
from dataclasses import dataclass

# A calendar, by type or by file name (ITIP.md, In, rule 2), or a report of a mail server's (RFC 3464).
_CONCERNING = re.compile(
    rb'"text"\s+"calendar"|"application"\s+"ics"|\.ics\b|"report"|"delivery-status"', re.IGNORECASE
)
_NULL_SENDER = re.compile(rb"^return-path:\s*<>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MailOutline:
    """What a server tells of a mail: its size in bytes, its BODYSTRUCTURE, and its Return-Path."""

    size: int
    structure: bytes
    return_path: bytes


def may_concern_invitations(outline: MailOutline) -> bool:
    """Whether it has a calendar, or says that a mail did not arrive."""
    return bool(_CONCERNING.search(outline.structure) or _NULL_SENDER.search(outline.return_path))
