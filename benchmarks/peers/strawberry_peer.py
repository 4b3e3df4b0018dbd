"""Strawberry as it comes, on uvicorn: URL and port as arguments."""

import enum
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from benchmarks.bare import Bare
from benchmarks.rows import available


@strawberry.enum
class ParticipantKind(enum.Enum):
    EMPLOYEE = "EMPLOYEE"


@strawberry.enum
class AvailabilityState(enum.Enum):
    FREE = "FREE"
    BUSY = "BUSY"


@strawberry.input
class TimeSpanInput:
    start: datetime
    end: datetime


@strawberry.type
class BusySpan:
    start: datetime
    end: datetime


@strawberry.type
class Availability:
    state: AvailabilityState
    conflicts: list[BusySpan]


@strawberry.type
class AvailableParticipant:
    reference: strawberry.ID
    kind: ParticipantKind
    name: str
    email: str | None
    can_receive_email: bool
    organization: str | None
    title: str | None
    availability: Availability
    is_invited: bool
    is_available_as_participant: bool


@strawberry.type
class PageInfo:
    end_cursor: str | None


@strawberry.type
class Connection:
    nodes: list[AvailableParticipant]
    page_info: PageInfo


def schema(bare: Bare) -> strawberry.Schema:
    @strawberry.type
    class Query:
        @strawberry.field
        async def available_participants(
            self, source: str, first: int, during: TimeSpanInput, after: str | None = None
        ) -> Connection:
            start, end = int(during.start.timestamp()), int(during.end.timestamp())
            nodes, cursor = await available(bare, first, after, start, end)
            return Connection(
                nodes=[
                    AvailableParticipant(
                        reference=strawberry.ID(node["reference"]),
                        kind=ParticipantKind(node["kind"]),
                        name=node["name"],
                        email=node["email"],
                        can_receive_email=node["canReceiveEmail"],
                        organization=node["organization"],
                        title=node["title"],
                        availability=Availability(
                            state=AvailabilityState(node["availability"]["state"]),
                            conflicts=[
                                BusySpan(
                                    start=datetime.fromisoformat(one["start"]), end=datetime.fromisoformat(one["end"])
                                )
                                for one in node["availability"]["conflicts"]
                            ],
                        ),
                        is_invited=node["isInvited"],
                        is_available_as_participant=node["isAvailableAsParticipant"],
                    )
                    for node in nodes
                ],
                page_info=PageInfo(end_cursor=cursor),
            )

    return strawberry.Schema(Query)


def application(bare: Bare) -> Starlette:
    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        await bare.open()
        yield
        await bare.close()

    return Starlette(routes=[Route("/graphql", GraphQL(schema(bare)))], lifespan=opened)


if __name__ == "__main__":
    uvicorn.run(application(Bare(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
