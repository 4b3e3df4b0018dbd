"""The containers of a source: user groups, companies, projects and what else entries are taken from (F5, F6)."""

from dataclasses import dataclass

from invito.plugins.contract import Container, ContainerQuery, PageRequest, Position
from invito.plugins.names import name_key
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.paging import Page, PageAsk, cursor_of
from invito.services.participants.search_text import finds_nothing, search_text
from invito.services.participants.sources import lists_for, source_offered
from invito.services.source_desk import SourceFailed
from invito.services.source_warnings import SourceWarning

_KIND = "containers"


@dataclass(frozen=True, slots=True)
class ContainerList(Page[Container]):
    """Containers, and the source if it could not answer: then they are none, or those that it listed before."""

    warnings: tuple[SourceWarning, ...] = ()


async def containers(
    house: House,
    caller: Caller,
    key: str,
    search: str | None,
    ask: PageAsk,
    *,
    wants_total: bool = True,
    wants_member_counts: bool = True,
) -> ContainerList:
    """The containers of a source, by name.

    :raises Unanswerable: UNKNOWN_SOURCE, INVALID_CURSOR, LIMIT_EXCEEDED for a search that is too long.
    """
    wanted = search_text(search)
    loaded = await source_offered(house, caller, key)
    parts = ask.position(_KIND, str, str)
    position = None if parts is None else Position(str(parts[0]), str(parts[1]))
    if not lists_for(caller) or finds_nothing(wanted) or ask.first == 0:
        return ContainerList((), (), has_next=False)
    try:
        query = ContainerQuery(PageRequest(ask.first, position), wanted, wants_total, wants_member_counts)
        page, warnings = await house.desk.containers(caller.asker, loaded, query)
    except SourceFailed as failure:
        return ContainerList((), (), has_next=False, warnings=(failure.warning,))
    cursors = [cursor_of(_KIND, name_key(one.name), one.id) for one in page.containers]
    return ContainerList(page.containers, cursors, page.has_more, ask.after is not None, page.total, warnings=warnings)
