"""Expensive queries, over HTTP: how long each takes to be refused, and how long others wait meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from statistics import median
from threading import Event, Thread
from time import perf_counter
from typing import Self

import orjson

from benchmarks.servers import Client
from tests.expensive_queries import (
    aliases,
    blank_lines,
    circle_of_the_schema,
    directives,
    directives_at_a_place,
    doubled,
    fields,
    fields_in_fragments,
    inline,
    lists,
    objects,
    operations,
    ring,
    selections,
    written_ids,
    wrong_names,
)

_NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_SMALL = "{ recorded }"


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent, with a value for `$ids` or `$value` where there is one."""

    query: str
    variables: Mapping[str, object] | None = None
    nested: int = 0

    def body(self, serial: int) -> bytes:
        """A body of its own for each number, so that nothing of it is kept from before."""
        asked = {"query": self.query + " " * serial, "variables": self.variables}
        # Deeper than it could be made of values.
        value = b"[" * self.nested + b"]" * self.nested
        return orjson.dumps(asked).replace(b'"nested"', value) if self.nested else orjson.dumps(asked)


@dataclass(frozen=True, slots=True)
class Answered:
    """How an attack was answered. Times are medians in milliseconds: of it, of a small query in turn with it, and of
    the longest that whoever asks /healthz without a pause waits during either."""

    label: str
    answer: str
    attack: float
    small: float
    lag: float
    small_lag: float


BEYOND = {
    "fragments doubled 75 times": Attack(doubled(75)),
    "fragments doubled 40 times": Attack(doubled(40)),
    "fragments in a ring of 200": Attack(ring(200)),
    "fragments in a ring of 49": Attack(ring(49)),
    "fields 13 deep": Attack(selections(13)),
    "fields 2,000 deep": Attack(selections(2_000)),
    "600 inline fragments, one within the other": Attack(inline(600)),
    "31 aliases": Attack(aliases(31)),
    "31 directives": Attack(directives(31)),
    "280 directives at a place": Attack(directives_at_a_place(280)),
    "20,000 directives": Attack(directives_at_a_place(20_000)),
    "1,990 equal fields": Attack(fields(1_990)),
    "30,000 equal fields": Attack(fields(30_000)),
    "400 equal fields in 40 fragments": Attack(fields_in_fragments(400)),
    "lists 900 deep": Attack(lists(900)),
    "objects 450 deep": Attack(objects(450)),
    "a variable 1,100 deep": Attack("query ($value: JSON) { recorded(value: $value) }", {"value": "nested"}, 1_100),
    "1,900 ids": Attack(written_ids(1_900)),
    "10,000 ids by a variable": Attack(_NODES, {"ids": ["x"] * 10_000}),
    "250,000 ids by a variable": Attack(_NODES, {"ids": ["x"] * 250_000}),
    "a body of 1.2 MB": Attack(_NODES, {"ids": ["x"] * 300_000}),
    "500,000 blank lines": Attack(blank_lines(500_000)),
    "46,000 blank lines, 100 wrong names": Attack(wrong_names(46_000)),
    "the schema in circles, 24 deep": Attack(circle_of_the_schema(11)),
    "150 operations of 40 fragments each": Attack(operations(150)),
}
AT_THE_LIMIT = {
    "300 equal fields": Attack(fields(300)),
    "300 equal fields in 30 fragments": Attack(fields_in_fragments(300)),
    "fragments doubled 9 times": Attack(doubled(9)),
    "30 aliases": Attack(aliases(30)),
    "30 directives": Attack(directives(30)),
    "lists 199 deep": Attack(lists(199)),
    "500 ids": Attack(written_ids(500)),
    "49,000 characters, of blank lines": Attack(blank_lines(49_000)),
}


def attacked(client: Client, attacks: Mapping[str, Attack], rounds: int) -> Iterator[Answered]:
    """Each attack so many times, in turn with a small query."""
    serials = count(1)
    small = Attack(_SMALL)
    for label, attack in attacks.items():
        sent = [(_send(client, attack, next(serials)), _send(client, small, next(serials))) for _ in range(rounds + 1)]
        ours, others = zip(*sent[1:], strict=True)
        yield Answered(
            label,
            _told(ours[0].answer),
            median(one.milliseconds for one in ours),
            median(one.milliseconds for one in others),
            median(one.lag for one in ours),
            median(one.lag for one in others),
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    answer: bytes
    milliseconds: float
    lag: float


def _send(client: Client, attack: Attack, serial: int) -> _Sent:
    body = attack.body(serial)
    with _Beside(client.another()) as beside:
        began = perf_counter()
        answer = client.post_bytes("/graphql", body)
        milliseconds = (perf_counter() - began) * 1_000
    return _Sent(answer, milliseconds, max(beside.waits))


class _Beside:
    """Somebody who asks /healthz over and over while the context lasts, and at least once."""

    def __init__(self, client: Client) -> None:
        self.waits: list[float] = []
        self._client = client
        self._asks, self._ended = Event(), Event()
        self._thread = Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        self._asks.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        self._client.get_bytes("/healthz")
        self._asks.set()
        while not self.waits or not self._ended.is_set():
            began = perf_counter()
            self._client.get_bytes("/healthz")
            self.waits.append((perf_counter() - began) * 1_000)


def _told(answer: bytes) -> str:
    """Code, limit and value, or that it was answered."""
    errors = orjson.loads(answer).get("errors")
    if not errors:
        return "answered"
    told = errors[0]["extensions"]
    if "limit" not in told:
        return f"{told['code']}, {len(errors)} told"
    return f"{told['code']}: {told['value']:,} > {told['limit']:,}"
