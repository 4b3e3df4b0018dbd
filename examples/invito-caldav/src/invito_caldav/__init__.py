"""Who is busy, as their calendars at a CalDAV server say: further calendars for participants of any source."""

from collections.abc import Mapping, Sequence

from invito_dav import DavServer

from invito.plugins import PluginContext, Span, hookimpl
from invito.services.directory import Directory
from invito_caldav.answers import BusyTimes
from invito_caldav.calendars import CalendarServer
from invito_caldav.settings import CalDavSettings
from invito_caldav.whose import CalendarMap, read_calendars

__all__ = ["CalDavSettings", "settings_model"]

settings_model = CalDavSettings
# The one of the running Invito; its server is closed with it.
_opened: list[tuple[BusyTimes, DavServer]] = []


@hookimpl
def invito_startup(context: PluginContext[CalDavSettings]) -> None:
    """A plain function, since reading certificates takes a moment."""
    settings = context.settings
    calendars = {} if settings.calendars is None else read_calendars(settings.calendars)
    server = DavServer(settings.url, settings, settings.call_seconds, settings.at_once)
    whose = CalendarMap(calendars, settings.template, Directory.of(context).resolve)
    _opened[:] = [(BusyTimes(whose, CalendarServer(server, settings), settings, context.logger), server)]


@hookimpl
async def invito_shutdown() -> None:
    for _, server in _opened:
        await server.close()
    _opened.clear()


@hookimpl
async def invito_busy_spans(references: Sequence[str], span: Span) -> Mapping[str, Sequence[Span] | None]:
    ((busy_times, _),) = _opened
    return await busy_times.of(references, span)
