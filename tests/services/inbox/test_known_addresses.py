"""While a source that may know a sender does not answer, the sender is not believed for the company's domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invito.plugins import Source, SourceContext, hookimpl
from invito.plugins.contract import Entry, Label
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.verdicts import InboundOutcome

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post


class Away(Source):
    """Knows addresses, but does not answer."""

    key, directories = "away", frozenset({"away"})
    label = container_label = all_label = Label("Away", "Borte")

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        raise ConnectionError


class Plugin:
    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [Away()]


async def test_who_may_be_somebody_else_is_not_believed_and_the_invitee_still_is(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    office.house.plugins.load([Plugin()])

    service = await post.answer(made, "Per", "DECLINED", sender="calendar@kunde.example")
    himself = await post.answer(made, "Per", "ACCEPTED")

    assert (service.outcome, himself.outcome) == (InboundOutcome.UNVERIFIED, InboundOutcome.APPLIED)
    assert (await office.participant(made, "Per")).status is ParticipantStatus.ACCEPTED
