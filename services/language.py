"""The texts that people see, in their language, through gettext catalogues (F33)."""

import gettext
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from invito.plugins.contract import Language

_CATALOGUES = Path(__file__).parent / "locale"

# Set once a request by whoever knows the viewer; use cases and resolvers only read it.
current_language: ContextVar[Language] = ContextVar("current_language", default=Language.EN)


def translate(message: str, language: Language | None = None) -> str:
    """The message in this language, or in that of the request."""
    return _catalogue(language or current_language.get()).gettext(message)


def clock_time(instant: datetime, time_zone: str, language: Language) -> str:
    """A UTC instant as people of that zone read it: date and time, without seconds."""
    return _formatted(instant, "HH:mm", time_zone, language)


def calendar_day(instant: datetime, time_zone: str, language: Language) -> str:
    """The day in that zone that a UTC instant falls on."""
    return _formatted(instant, "", time_zone, language)


def _formatted(instant: datetime, then: str, time_zone: str, language: Language) -> str:
    day = "d. MMM y" if language is Language.NB else "d MMM y"
    return format_datetime(instant, f"{day} {then}".rstrip(), get_timezone(time_zone), language.value)


def language_of(accept_language: str | None, default: Language) -> Language:
    """The first language of an `Accept-Language` header (RFC 9110 §12.5.4) that there is a catalogue for."""
    # Sorting is stable: of equal weights the one that is named first goes first.
    wanted = sorted((_weighed(part) for part in (accept_language or "").split(",")), key=lambda one: -one[0])
    for weight, tag in wanted:
        primary = tag.split("-")[0]
        if weight > 0 and primary in ("nb", "no", "nn"):
            return Language.NB
        if weight > 0 and primary == "en":
            return Language.EN
    return default


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.replace(" ", "").replace("\t", "").lower().partition(";q=")
    try:
        return (float(weight) if weight else 1.0), tag
    except ValueError:
        return 0.0, tag


@lru_cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    path = _CATALOGUES / language.value / "LC_MESSAGES" / "invito.po"
    if not path.exists():  # English is what the code says
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language.value))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
