"""What a source listed a while ago, for when it is down: the same page for the same viewer, and said to be old."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from invito.plugins.contract import ContainerPage, ContainerQuery, Language, ViewerIdentity

_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a source knew when it was asked for a page: it may list something else for anybody else."""

    source: str
    viewer: ViewerIdentity | None
    language: Language
    time_zone: str
    query: ContainerQuery


@dataclass(frozen=True, slots=True)
class RecentPage:
    """A page, and the UTC instant at which the source listed it."""

    page: ContainerPage
    listed_at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class RecentContainers:
    """The last pages of containers, of all sources together; none is given back that is older than `kept`."""

    def __init__(self, kept: timedelta = timedelta(hours=1), now: Callable[[], datetime] = _now) -> None:
        self._kept, self._now = kept, now
        self._pages: OrderedDict[Seen, RecentPage] = OrderedDict()

    def keep(self, seen: Seen, page: ContainerPage) -> None:
        """What the source just listed."""
        self._pages[seen] = RecentPage(page, self._now())
        self._pages.move_to_end(seen)
        if len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)

    def page(self, seen: Seen) -> RecentPage | None:
        """What it listed when it was last asked the same."""
        recent = self._pages.get(seen)
        return recent if recent is not None and self._now() - recent.listed_at < self._kept else None
