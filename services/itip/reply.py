"""What a mail program would send back to an invitation (RFC 5546 §3.2.3, §3.2.7): for trying the whole way round."""

from datetime import UTC, date, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import make_msgid

from icalendar import Calendar, Event, vCalAddress

from invito.services.addresses import address_key
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.calendar_people import calendar_address

_PARTSTAT = {
    ParticipantStatus.ACCEPTED: "ACCEPTED",
    ParticipantStatus.TENTATIVE: "TENTATIVE",
    ParticipantStatus.DECLINED: "DECLINED",
}
_KEPT = ("uid", "recurrence-id", "sequence", "dtstart", "dtend", "summary", "organizer")


def reply_mail(
    invitation: bytes, address: str, status: ParticipantStatus, comment: str | None, now: datetime
) -> EmailMessage:
    """The mail with which whoever has `address` answers a mail that invited them; `now` is a UTC instant.

    :raises ValueError: the mail holds no invitation, or not for this address.
    """
    mail, event = _read(invitation)
    attendee = _attendee(event, address)
    answer = _answer(event, attendee, _PARTSTAT[status], comment, now)
    return _mail(mail, event, attendee, answer, "REPLY", f"{_PARTSTAT[status].capitalize()}: ", comment, now)


def counter_mail(
    invitation: bytes, address: str, start: date, end: date, comment: str | None, now: datetime
) -> EmailMessage:
    """The mail with which whoever has `address` proposes another time to a mail that invited them.

    A time without an offset is meant in the invitation's zone, or in UTC where that has none; two days without times
    are all of the days from the first to before the second. `now` is a UTC instant.

    :raises ValueError: the mail holds no invitation, or not for this address; or there is no such time.
    """
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise ValueError("start and end are either both days or both times")
    mail, event = _read(invitation)
    start, end = (_in_zone_of(event, moment) for moment in (start, end))
    if end <= start:
        raise ValueError("the time that is proposed ends before it begins")
    attendee = _attendee(event, address)
    counter = _answer(event, attendee, "TENTATIVE", comment, now)
    for name, moment in (("dtstart", start), ("dtend", end)):
        counter.pop(name, None)
        counter.add(name, moment)
    return _mail(mail, event, attendee, counter, "COUNTER", "New Time Proposed: ", comment, now)


def _in_zone_of(event: Event, moment: date) -> date:
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        return moment
    start = event.DTSTART
    return moment.replace(tzinfo=(start.tzinfo if isinstance(start, datetime) else None) or UTC)


def _read(invitation: bytes) -> tuple[EmailMessage, Event]:
    mail = BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(invitation)
    part = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    if not isinstance(part, EmailMessage):
        raise ValueError("there is no invitation in this mail")
    return mail, _event(part.get_content())


def _mail(
    mail: EmailMessage,
    event: Event,
    attendee: vCalAddress,
    said: Event,
    method: str,
    word: str,
    comment: str | None,
    now: datetime,
) -> EmailMessage:
    address = calendar_address(str(attendee)) or ""
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"] = Address(str(attendee.params.get("CN", "")), addr_spec=address)
    answer["To"] = calendar_address(str(event["ORGANIZER"]))
    answer["Subject"] = f"{word}{event.get('SUMMARY', '')}"
    answer["Date"] = now
    answer["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    answer["In-Reply-To"] = mail["Message-ID"]
    answer.set_content(comment or "")
    answer.add_alternative(_object(said, method), subtype="calendar", params={"method": method})
    return answer


def _event(text: str) -> Event:
    calendar = Calendar.from_ical(text)
    event = next(iter(calendar.walk("VEVENT")), None)
    if str(calendar.get("METHOD", "")).upper() != "REQUEST" or not isinstance(event, Event) or "ORGANIZER" not in event:
        raise ValueError("there is no invitation in this mail")
    return event


def _attendee(event: Event, address: str) -> vCalAddress:
    attendees = event.get("ATTENDEE", [])
    for one in attendees if isinstance(attendees, list) else [attendees]:
        if address_key(calendar_address(str(one)) or "") == address_key(address):
            return one  # type: ignore[no-any-return]  # what the library's untyped map holds
    raise ValueError(f"this mail invites somebody else than {address}")


def _answer(event: Event, attendee: vCalAddress, partstat: str, comment: str | None, now: datetime) -> Event:
    answer = Event()
    for name in _KEPT:
        if name in event:
            answer[name] = event[name]
    answer.add("dtstamp", now)
    who = vCalAddress(str(attendee))
    if "CN" in attendee.params:
        who.params["CN"] = attendee.params["CN"]
    who.params["PARTSTAT"] = partstat
    answer.add("attendee", who)
    if comment:
        answer.add("comment", comment)
    return answer


def _object(said: Event, method: str) -> str:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Invito//Answer of a trial//EN")
    calendar.add("method", method)
    calendar.add_component(said)
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text.decode()
