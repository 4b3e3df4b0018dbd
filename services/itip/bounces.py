"""What mail servers say of mail that they could not deliver (RFC 3464), or not yet."""

import logging
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

from flufl.bounce import all_failures

from invito.services.addresses import normalised_address
from invito.services.itip.automatic_replies import is_automatic_reply
from invito.services.itip.calendar_lines import read_calendar_lines
from invito.services.itip.calendar_parts import calendar_octets
from invito.services.itip.mail_addresses import recipient_addresses
from invito.services.itip.mail_tree import BeyondBounds, Part, header_values, leaves, octets_of, parameter, parts_in
from invito.services.itip.plain_text import decoded_text, one_line
from invito.services.itip.understood import UnderstoodBounce

_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
# What else a multipart/report may report.
_REPORT_TYPES = frozenset({"disposition-notification", "feedback-report", "delivery-status"})
_REPORTED = _REPORTS | {"message/disposition-notification", "message/feedback-report"}
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
# Who tells of failures where no part of the mail is made for it.
_MAIL_SYSTEMS = frozenset({"mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon", "mdaemon"})
_FAILED = "X-Failed-Recipients"
# Without one of these a group of fields tells of the server alone, or nothing.
_TELLING = ("Action", "Final-Recipient", "Status")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# "The response from the remote server was: 550 …", and what servers say of users that are not there.
_CODE = re.compile(r"^[^\n]{0,300}\b[45](?:\d\d[ -]|\.\d{1,3}\.\d{1,3})[^\n]*$", re.MULTILINE)
_WORDS = re.compile(
    r"^[^\n]{0,300}\b(?:unknown|not found|(?:does|might) not exist|no such|full|rejected|refused)\b[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_LONGEST_SCANNED = 64 * 1024
_PLAIN = BytesParser()

# It writes a traceback for what it cannot read, so that anybody could fill the log by mail.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def read_report(mail: Part) -> UnderstoodBounce | None:
    """None where no part reports a delivery that failed or is late; one that succeeded is no bounce."""
    parts = list(_parts(mail))
    reports = [part for part in parts if part.get_content_type() in _REPORTS]
    blocks = [block for part in reports for block in _status_blocks(part) if any(block.get(one) for one in _TELLING)]
    if blocks:
        return _reported(blocks, parts)
    # Google's may be empty, Exchange Online's missing.
    if reports or (parameter(mail, "report-type") or "").lower() == "delivery-status":
        named = recipient_addresses(header_values(mail, _FAILED))
        return _told(parts, named[0] if named else None, is_delayed=False)
    return None


def is_report(mail: Part) -> bool:
    """Whether a server or a mail program reports on a mail: that it arrived (RFC 3464), was read (RFC 8098), was not
    wanted (RFC 5965). None of that is an answer, nor a failure, though it may come with a null sender.
    """
    named = (parameter(mail, "report-type") or "").lower()
    return named in _REPORT_TYPES or any(part.get_content_type() in _REPORTED for part in _parts(mail))


def read_told_failure(mail: Part, sender: str | None, *, has_null_sender: bool) -> UnderstoodBounce | None:
    """What a server without reports tells in words (Exim, qmail, Gmail); None where it is no such mail.

    A person may write in such words too, and whoever is away: they count from a mail system alone.
    """
    named = recipient_addresses(header_values(mail, _FAILED))
    if named:
        return _told(list(_parts(mail)), named[0], is_delayed=False)
    is_mail_system = (sender or "").partition("@")[0].lower() in _MAIL_SYSTEMS
    if not is_mail_system and (not has_null_sender or is_automatic_reply(mail)):
        return None
    late, failed = _scanned(mail, sender)
    return _told(list(_parts(mail)), failed or late, is_delayed=failed is None) if failed or late else None


def _told(parts: list[Message], recipient: str | None, *, is_delayed: bool) -> UnderstoodBounce:
    text = _first_text(parts)
    status, said = _STATUS.search(text), _CODE.search(text) or _WORDS.search(text)
    returned_id, returned_uid = _returned(parts, text)
    return UnderstoodBounce(
        is_delayed=is_delayed,
        recipient=recipient,
        status=status[1] if status else None,
        diagnosis=one_line(said[0]) if said else None,
        returned_message_id=returned_id,
        returned_uid=returned_uid,
    )


def _reported(blocks: list[Message], parts: list[Message]) -> UnderstoodBounce | None:
    """From the fields of the recipient that it went worst for (RFC 3464 §2.3)."""
    by_action = {_field(block, "Action").partition(" ")[0].lower(): block for block in reversed(blocks)}
    chosen = by_action.get("failed") or by_action.get("") or by_action.get("delayed")
    if chosen is None:
        return None
    returned_id, returned_uid = _returned(parts, "")
    return UnderstoodBounce(
        is_delayed=chosen is by_action.get("delayed"),
        recipient=_typed_address(chosen, "Original-Recipient", "Final-Recipient", "X-Actual-Recipient"),
        status=_field(chosen, "Status").partition(" ")[0] or None,
        diagnosis=_field(chosen, "Diagnostic-Code").partition(";")[2].strip()
        or _field(chosen, "Diagnostic-Code")
        or None,
        returned_message_id=returned_id,
        returned_uid=returned_uid,
    )


def _status_blocks(part: Message) -> list[Message]:
    """The groups of fields of a delivery-status. Python reads them as mails without a body, encoded ones too, and those
    of the newer type (RFC 6533) as a single mail.
    """
    groups = parts_in(part)
    encoding = "".join(header_values(part, "Content-Transfer-Encoding")[:1]).lower()
    is_plain = encoding not in ("base64", "quoted-printable")
    if groups and is_plain and part.get_content_subtype() == "delivery-status":
        return groups
    octets = octets_of(part)
    if groups and is_plain:
        octets = "\n\n".join(one.as_string() for one in groups).encode("utf-8", "surrogateescape")
    elif groups:
        held = Message()
        held["Content-Transfer-Encoding"] = encoding
        held.set_payload("\n\n".join(one.as_string() for one in groups))
        octets = octets_of(held)
    written = re.split(rb"\r?\n[ \t]*\r?\n", octets[:_LONGEST_SCANNED])
    return [_PLAIN.parsebytes(group.strip(), headersonly=True) for group in written if group.strip()]


def _field(block: Message, name: str) -> str:
    values = header_values(block, name)
    return one_line(values[0]) if values else ""


def _typed_address(block: Message, *names: str) -> str | None:
    """The address of a field such as "rfc822; kari@example.org" (RFC 3464 §2.3.1)."""
    for name in names:
        written = _field(block, name).rpartition(";")[2].strip().strip("<>")
        if address := normalised_address(written):
            return address
    return None


def _scanned(mail: Part, sender: str | None) -> tuple[str | None, str | None]:
    """Who did not get it yet and who will not, by the words that servers without reports use."""
    # One of its readers takes for granted that From names somebody, which "From: <>" does not.
    del mail["From"]
    mail["From"] = sender or "mailer-daemon@localhost"
    try:
        late, failed = all_failures(mail)
    except Exception:
        # It reads what anybody may have sent, by patterns for single servers: what it cannot read tells nothing.
        return None, None
    return _lowest(late), _lowest(failed)


def _lowest(found: frozenset[bytes]) -> str | None:
    addresses = {address for one in found if (address := normalised_address(one.decode("utf-8", "replace")))}
    return min(addresses, default=None)


def _returned(parts: list[Message], text: str) -> tuple[str | None, str | None]:
    """Message-ID and UID of the mail that comes back, from its part or from below the words of the server."""
    for part in parts:
        if part.get_content_type() in _RETURNED:
            if returned := parts_in(part):
                found = header_values(returned[0], "Message-ID")
                return (one_line(found[0]) if found else None), _uid_in(returned[0])
            text = decoded_text(octets_of(part)[:_LONGEST_SCANNED], None)
            break
    matched = _MESSAGE_ID.search(text)
    return (matched[1] if matched else None), None


def _uid_in(returned: Message) -> str | None:
    """Read to know which mail comes back, never to do what it says."""
    for part in leaves(returned):
        if part.get_content_type() == "text/calendar":
            try:
                calendar = read_calendar_lines(calendar_octets(part), parameter(part, "charset"))
            except BeyondBounds:
                return None
            return next((uid for block in calendar.blocks if (uid := one_line(block.text("UID"), 1_000))), None)
    return None


def _first_text(parts: list[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "text/plain":
            return decoded_text(octets_of(part)[:_LONGEST_SCANNED], parameter(part, "charset"))
    return ""


def _parts(mail: Message) -> Iterator[Message]:
    """All parts in order, but for what is in a mail within the mail."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        yield part
        if part.get_content_maintype() != "message":
            waiting.extend(reversed(parts_in(part) or []))
