"""What a mail says, in the reader's language and time zone (F18): subject, plain text, HTML. Pure."""

from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from invito.plugins.contract import Language
from invito.services.follow_ups.values import FollowUp
from invito.services.itip.lines import unbroken
from invito.services.language import translate
from invito.services.mail.letters import Letter, Occasion

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_NAMES = 20
_DAY = {Language.EN: "EEEE d MMMM y", Language.NB: "EEEE d. MMMM y"}

_MESSAGES = {
    Occasion.INVITED: ("Invitation: {title}", "{owner} invites you to “{title}”."),
    Occasion.CHANGED: ("Updated invitation: {title}", "{owner} changed “{title}”. This is how it is now."),
    Occasion.CANCELLED: ("Cancelled: {title}", "{owner} cancelled “{title}”."),
    Occasion.WITHDRAWN: ("Invitation withdrawn: {title}", "{owner} took you out of “{title}”: it goes on without you."),
    Occasion.PROPOSAL_DECLINED: (
        "Proposal declined: {title}",
        "{owner} declined the time that you proposed for “{title}”. It stays as it is.",
    ),
}


def subject_of(letter: Letter) -> str:
    return _said(letter, 0)


def plain_text_of(letter: Letter) -> str:
    return _rendered(letter, "invitation.txt")


def html_of(letter: Letter) -> str:
    return _rendered(letter, "invitation.html")


def spoken_time(follow_up: FollowUp, time_zone: str, language: Language) -> str:
    """When it is, as clocks in the zone show it, with the zone's name; the dates alone of what lasts whole days."""
    if follow_up.is_all_day:
        zone = ZoneInfo(follow_up.time_zone)
        # The end is exclusive: what ends at midnight ended the day before.
        days = [follow_up.start.astimezone(zone), (follow_up.end - timedelta(seconds=1)).astimezone(zone)]
        first, last = (format_date(day.date(), _DAY[language], language.value) for day in days)
        return first if first == last else f"{first} – {last}"
    zone = ZoneInfo(time_zone)
    start, end = follow_up.start.astimezone(zone), follow_up.end.astimezone(zone)
    until = _clock(end) if start.date() == end.date() else f"{_day(end, language)}, {_clock(end)}"
    dash = "–" if start.date() == end.date() else " – "
    offset = format_datetime(start, "xxx", locale=language.value)
    return f"{_day(start, language)}, {_clock(start)}{dash}{until} ({time_zone}, UTC{offset})"


def _rendered(letter: Letter, template: str) -> str:
    names = [unbroken(one.name) for one in letter.participants]
    return (
        _environment()
        .get_template(template)
        .render(
            t=partial(_translated, letter.language),
            language=letter.language.value,
            subject=subject_of(letter),
            sentence=_said(letter, 1),
            comment=letter.mail.comment,
            when=spoken_time(letter.follow_up, letter.time_zone, letter.language),
            where=letter.follow_up.location,
            owner=unbroken(letter.follow_up.owner.name),
            names=names[:_MOST_NAMES],
            more=len(names[_MOST_NAMES:]),
            description=letter.follow_up.description,
            asks=letter.occasion in (Occasion.INVITED, Occasion.CHANGED),
            answer_url=letter.answer_url,
        )
    )


def _said(letter: Letter, which: int) -> str:
    title, owner = unbroken(letter.follow_up.title), unbroken(letter.follow_up.owner.name)
    return _translated(letter.language, _MESSAGES[letter.occasion][which], title=title, owner=owner)


def _translated(language: Language, text: str, **values: object) -> str:
    return translate(text, language).format(**values)


def _day(local: datetime, language: Language) -> str:
    return format_date(local.date(), _DAY[language], language.value)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
