"""The page of available participants with availability, and inviting 100: over HTTP, beside the bare driver."""

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.data import HOUR, NOON
from benchmarks.servers import Client
from benchmarks.timing import Pair, in_turn

_QUERY = """query ($first: Int!, $after: String, $during: TimeSpanInput!) {
  availableParticipants(source: "employees", first: $first, after: $after, during: $during) {
    nodes { reference kind name email canReceiveEmail organization title
            availability { state conflicts { start end } } isInvited isAvailableAsParticipant }
    pageInfo { endCursor } } }"""
_CREATE = """mutation { createFollowUp(input: {type: TASK, title: "Title", start: "2031-01-01T10:00:00Z"}) {
  followUp { id } errors { message } } }"""
_INVITE = """mutation ($input: InviteParticipantsInput!) { inviteParticipants(input: $input) {
  errors { message } followUp { version } } }"""
_DURING = {"start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat()}


def pages(invito: Client, bare: Client, rounds: int) -> Iterator[tuple[str, Pair]]:
    """Medians of the pages of 50, 500 and 1,000, the last as two pages of 500 on both sides."""
    for label, sizes in (("50", [50]), ("500", [500]), ("1,000", [500, 500])):
        yield label, in_turn(lambda sizes=sizes: _ours(invito, sizes), lambda sizes=sizes: _theirs(bare, sizes), rounds)  # type: ignore[misc]  # bound at once


def inviting(invito: Client, bare: Client, rounds: int) -> Pair:
    """The median of inviting 100 into a follow-up that has none yet."""
    made = [invito.post("/graphql", {"query": _CREATE}) for _ in range(2 * (rounds + 1))]
    ids = [one["data"]["createFollowUp"]["followUp"]["id"] for one in made]
    ours, theirs = iter(ids[: rounds + 1]), iter(range(len(ids) - rounds, len(ids) + 1))
    invitees = [{"participant": {"reference": f"employee:{number}"}} for number in range(2, 102)]

    def ask() -> None:
        answer = invito.post("/graphql", {"query": _INVITE, "variables": {
            "input": {"followUpId": next(ours), "invitees": invitees}}})  # fmt: skip
        if answer["data"]["inviteParticipants"]["errors"]:
            raise RuntimeError(answer)

    return in_turn(
        ask, lambda: bare.post("/invite", {"followUp": next(theirs), "references": list(range(2, 102))}), rounds
    )


def _ours(client: Client, sizes: list[int]) -> None:
    after = None
    for first in sizes:
        variables = {"first": first, "after": after, "during": _DURING}
        answer = client.post("/graphql", {"query": _QUERY, "variables": variables})
        found = answer["data"]["availableParticipants"]
        if len(found["nodes"]) != first:
            raise RuntimeError(f"asked for {first} and got {len(found['nodes'])}")
        after = found["pageInfo"]["endCursor"]


def _theirs(client: Client, sizes: list[int]) -> None:
    start, after = int(NOON.timestamp()), "|0"
    for first in sizes:
        path = f"/page?first={first}&after={after}&start={start}&end={start + HOUR}"
        after = client.get(path.replace(" ", "%20"))["endCursor"]
