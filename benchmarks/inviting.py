"""Inviting 100 into a follow-up, over HTTP, beside the same rows by the bare driver."""

from benchmarks.servers import Client
from benchmarks.timing import Pair, in_turn

_CREATE = """mutation { createFollowUp(input: {type: TASK, title: "Title", start: "2031-01-01T10:00:00Z"}) {
  followUp { id } errors { message } } }"""
_INVITE = """mutation ($input: InviteParticipantsInput!) { inviteParticipants(input: $input) {
  errors { message } followUp { version } } }"""


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
