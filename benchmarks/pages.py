"""The page of available participants with availability, over HTTP: Invito, the bare driver, and others (peers/)."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat
from statistics import median
from time import perf_counter

import orjson

from benchmarks.data import HOUR, NOON
from benchmarks.servers import Client
from benchmarks.timing import all_in_turn

SIZES = (50, 500, 1_000)
BARE = "bare"
_CONNECTIONS = 8
_QUERY = """query ($first: Int!, $after: String, $during: TimeSpanInput!) {
  availableParticipants(source: "employees", first: $first, after: $after, during: $during) {
    nodes { reference kind name email canReceiveEmail organization title
            availability { state conflicts { start end } } isInvited isAvailableAsParticipant }
    pageInfo { endCursor } } }"""
_DURING = {"start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat()}

# By the name of who answers.
Figures = dict[str, float]


def pages(servers: Mapping[str, Client], rounds: int) -> Iterator[tuple[int, Figures]]:
    """Medians of a page of each size in milliseconds, of one who asks."""
    for size in SIZES:
        for name, client in servers.items():
            _check(name, client, size)
        yield size, all_in_turn({name: _asking(name, client, size) for name, client in servers.items()}, rounds)


def rates(servers: Mapping[str, Client], size: int, asks: int) -> Figures:
    """How many pages of a size each answers in a second, when eight ask at once: the median of three rounds."""
    rounds = [{name: _rate(name, client, size, asks) for name, client in servers.items()} for _ in range(3)]
    return {name: median(one[name] for one in rounds) for name in servers}


def _rate(name: str, client: Client, size: int, asks: int) -> float:
    clients = [client.another() for _ in range(_CONNECTIONS)]
    for one in clients:
        _asking(name, one, size)()
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        began = perf_counter()
        answers = list(threads.map(lambda one: [ask() for ask in repeat(_asking(name, one, size), asks)], clients))
        seconds = perf_counter() - began
    if any(b'"errors"' in answer for each in answers for answer in each):
        raise RuntimeError(f"{name} failed when asked by {_CONNECTIONS} at once")
    return _CONNECTIONS * asks / seconds


def _asking(name: str, client: Client, size: int) -> Callable[[], bytes]:
    if name == BARE:
        start = int(NOON.timestamp())
        path = f"/page?first={size}&start={start}&end={start + HOUR}"
        return lambda: client.get_bytes(path)
    body = orjson.dumps({"query": _QUERY, "variables": {"first": size, "during": _DURING}})
    return lambda: client.post_bytes("/graphql", body)


def _check(name: str, client: Client, size: int) -> None:
    """All answer the same entries."""
    answer = orjson.loads(_asking(name, client, size)())
    found = answer if name == BARE else answer["data"]["availableParticipants"]
    if len(found["nodes"]) != size:
        raise RuntimeError(f"{name} was asked for {size} and gave {len(found['nodes'])}")
