"""The answer that a mail program would send to an invitation (RFC 5546 §3.2.3): for trying the whole way round."""

from datetime import datetime
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
    mail = BytesParser(policy=policy.SMTP).parsebytes(invitation)
    part = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    if part is None:
        raise ValueError("there is no invitation in this mail")
    event = _event(part.get_content())
    attendee = _attendee(event, address)
    reply = _reply(event, attendee, _PARTSTAT[status], comment, now)
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"] = Address(str(attendee.params.get("CN", "")), addr_spec=address)
    answer["To"] = calendar_address(str(event["ORGANIZER"]))
    answer["Subject"] = f"{_PARTSTAT[status].capitalize()}: {event.get('SUMMARY', '')}"
    answer["Date"] = now
    answer["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    answer["In-Reply-To"] = mail["Message-ID"]
    answer.set_content(comment or "")
    answer.add_alternative(reply, subtype="calendar", params={"method": "REPLY"})
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


def _reply(event: Event, attendee: vCalAddress, partstat: str, comment: str | None, now: datetime) -> str:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Invito//Answer of a trial//EN")
    calendar.add("method", "REPLY")
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
    calendar.add_component(answer)
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text.decode()
