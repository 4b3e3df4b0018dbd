"""What an incoming mail says (ITIP.md, In, 2): any octets at all end in an UnderstoodMail."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from invito.services.itip.automatic_replies import is_automatic_reply
from invito.services.itip.bounces import is_report, read_report, read_told_failure
from invito.services.itip.calendar_parts import read_calendars
from invito.services.itip.calendar_reading import ReadCalendar
from invito.services.itip.mail_addresses import recipient_addresses, sender_addresses, sender_name
from invito.services.itip.mail_tree import (
    BeyondBounds,
    Part,
    header_values,
    read_head,
    read_tree,
    without_bom,
)
from invito.services.itip.plain_text import header_text, one_line
from invito.services.itip.reasons import Reason, why
from invito.services.itip.understood import AnswerMethod, MailKind, UnderstoodBounce, UnderstoodMail
from invito.services.itip.unread_forms import unread_form
from invito.services.itip.written_text import written_text

# The delivery's own headers first: To and Cc are the sender's.
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_MOST_RESULTS = 20
_LONGEST_RESULT = 4_000


def understand(raw: bytes) -> UnderstoodMail:
    """Never raises but for what the process itself runs out of, and costs no more than the bounds allow."""
    mail = UnderstoodMail(MailKind.NO_CALENDAR, why(Reason.NO_CALENDAR))
    try:
        written = without_bom(raw)
        mail = _with_head(mail, read_head(written))
        return _with_content(mail, read_tree(written))
    except BeyondBounds as problem:
        return replace(mail, kind=MailKind.QUARANTINED, why=problem.why)
    except Exception as problem:
        # Whoever sends chooses what is read: what no rule foresaw is set aside with its name, to be tried again.
        return replace(mail, kind=MailKind.QUARANTINED, why=why(Reason.UNREADABLE_MAIL, problem=type(problem).__name__))


def understand_head(head: bytes) -> UnderstoodMail:
    """What the headers say of a mail that is too large to be understood, for display only. Never raises."""
    mail = UnderstoodMail(MailKind.QUARANTINED, why(Reason.MAIL_TOO_LARGE))
    try:
        return _with_head(mail, read_head(without_bom(head)))
    except Exception:  # nothing is said then of who sent it, and about what
        return mail


def _with_head(mail: UnderstoodMail, head: Part) -> UnderstoodMail:
    senders = header_values(head, "From")
    subjects = header_values(head, "Subject")
    return replace(
        mail,
        message_id=_message_id(head),
        from_addresses=sender_addresses(senders),
        sender_name=header_text(sender_name(senders[0])) or None if senders else None,
        subject=header_text(subjects[0]) or None if subjects else None,
        sent_at=_sent_at(head),
        is_auto_submitted=any(not value.lower().startswith("no") for value in header_values(head, "Auto-Submitted")),
        has_null_sender=any(value.replace(" ", "") == "<>" for value in header_values(head, "Return-Path")),
        recipients=recipient_addresses(header_values(head, *_RECIPIENTS)),
        authentication_results=tuple(
            one_line(value, _LONGEST_RESULT) for value in header_values(head, "Authentication-Results")[:_MOST_RESULTS]
        ),
    )


def _with_content(mail: UnderstoodMail, tree: Part) -> UnderstoodMail:
    if report := read_report(tree):
        return _as_bounce(mail, report)
    if is_report(tree):
        return replace(mail, kind=MailKind.AUTO_REPLY, why=why(Reason.REPORT))
    mail = replace(mail, text=written_text(tree))
    if calendars := read_calendars(tree):
        return _with_calendars(mail, calendars)
    if told := read_told_failure(tree, mail.sender, has_null_sender=mail.has_null_sender):
        return _as_bounce(mail, told)
    if is_automatic_reply(tree):
        return replace(mail, kind=MailKind.AUTO_REPLY, why=why(Reason.AUTOMATIC_REPLY))
    unread = unread_form(tree)
    return replace(mail, why=why(unread)) if unread else mail


def _as_bounce(mail: UnderstoodMail, bounce: UnderstoodBounce) -> UnderstoodMail:
    reason = Reason.DELIVERY_DELAYED if bounce.is_delayed else Reason.DELIVERY_FAILED
    return replace(mail, kind=MailKind.BOUNCE, why=why(reason, diagnosis=bounce.diagnosis or ""), bounce=bounce)


def _with_calendars(mail: UnderstoodMail, calendars: list[ReadCalendar]) -> UnderstoodMail:
    """As the first that answers something; what others of the same mail answer is added to it."""
    components = tuple(dict.fromkeys(component for one in calendars for component in one.components))
    usable = [one for one in components if one.problem is None]
    if components:
        kind = MailKind[(usable or components)[0].method.value]
        mail = replace(mail, kind=kind, why=None, method=kind.value, components=components)
        return mail if usable else replace(mail, kind=MailKind.NOT_UNDERSTOOD, why=components[0].problem)
    if any(one.is_free_busy for one in calendars):
        return replace(mail, kind=MailKind.NOT_OURS, why=why(Reason.FREE_BUSY))
    methods = [one.method for one in calendars if one.method]
    answers = [method for method in methods if method in AnswerMethod.__members__]
    if answers:
        return replace(mail, kind=MailKind.NOT_UNDERSTOOD, why=why(Reason.NO_COMPONENT), method=answers[0])
    if methods:
        because = why(Reason.METHOD_IS_NOT_OURS, method=methods[0])
        return replace(mail, kind=MailKind.NOT_OURS, why=because, method=methods[0])
    if any(one.is_readable for one in calendars):
        return replace(mail, kind=MailKind.NOT_OURS, why=why(Reason.NO_METHOD))
    return replace(mail, kind=MailKind.NOT_UNDERSTOOD, why=why(Reason.UNREADABLE_CALENDAR))


def _message_id(head: Part) -> str | None:
    values = header_values(head, "Message-ID")
    found = _MESSAGE_ID.search(values[0][:2_000]) if values else None
    return one_line(found[0], 998) if found else None


def _sent_at(head: Part) -> datetime | None:
    values = header_values(head, "Date")
    if not values or len(values[0]) > 100:
        return None
    try:
        found = parsedate_to_datetime(values[0])
        # "-0000" says that it is UTC without a place (RFC 5322 §3.3).
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
