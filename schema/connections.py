"""Relay connections: pages with edges, nodes and a total."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, Self, TypeVar

import strawberry

from invito.schema.fields import resolved
from invito.services.paging import Page
from invito.services.source_warnings import SourceWarning as Failure

N = TypeVar("N")
V = TypeVar("V")

Count = Callable[[], Awaitable[int]]

First = Annotated[
    int | None, strawberry.argument(description="How many at most: up to 500, where nothing else is set.")
]
After = Annotated[
    str | None, strawberry.argument(description="Go on after this cursor, the `endCursor` of the last page.")
]


@strawberry.type(description="Where a page lies among all pages.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is something before this page.")
    start_cursor: str | None = strawberry.field(description="The first item's cursor; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="The last item's cursor, with which `after` goes on; null on an empty page that ends the list."
    )


@strawberry.type(description="An item of a page, and its place.")
class Edge(Generic[N]):
    cursor: str = strawberry.field(description="The item's place in the list: opaque, for `after`.")
    node: N = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    nodes: list[N] = strawberry.field(description="The items of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies among all pages.")
    cursors: strawberry.Private[Sequence[str]]
    total: strawberry.Private[int | None]
    count: strawberry.Private[Count | None] = None

    @resolved(description="The items of the page, each with its cursor.")
    def edges(self) -> list[Edge[N]]:
        return [Edge(cursor=cursor, node=node) for cursor, node in zip(self.cursors, self.nodes, strict=True)]

    @resolved(description="How many there are on all pages; null where counting costs too much.")
    async def total_count(self) -> int | None:
        return self.total if self.count is None else await self.count()

    @classmethod
    def of(cls, page: Page[V], node: Callable[[V], N], count: Count | None = None) -> Self:
        """The page with each of its values as a type of the API; `count` is asked only where the total is selected."""
        return cls(
            nodes=[node(value) for value in page.items],
            page_info=page_info(page),
            cursors=page.cursors,
            total=page.total,
            count=count,
        )


@strawberry.type(description="A source that failed or was too slow does not spoil the others' answers.")
class SourceWarning:
    source: str = strawberry.field(description="The key of the source that failed.")
    message: str = strawberry.field(description="What happened, in the viewer's language.")


@strawberry.type(name="Connection", description="A page of a list that sources answer for.")
class WarnedConnection(Connection[N], Generic[N]):
    warnings: list[SourceWarning] = strawberry.field(
        default_factory=list, description="The sources that could not answer: what they know is missing here."
    )


def warnings_of(failures: Sequence[Failure]) -> list[SourceWarning]:
    return [SourceWarning(source=failure.source, message=failure.message) for failure in failures]


def page_info(page: Page[V]) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.end_cursor,
    )
