"""Who has an address is asked of the sources: an invitee's other addresses count, a colleague's do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invito.plugins import Source, SourceContext, hookimpl
from invito.plugins.contract import Entry, Label, ParticipantKind
from invito.services.busy.references import intern_groups
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


class People(Source):
    """A directory that took the place of another: it knows Ola by a name of its own, and an address more."""

    key, directories = "people", frozenset({"people"})
    label = container_label = all_label = Label("People", "Folk")

    def __init__(self, *aliases: str) -> None:
        self._ola = Entry("people:ola", ParticipantKind.EMPLOYEE, "Ola", "ola@nordlys.example", aliases=aliases)

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return [[self._ola] if one in ("ola@nordlys.example", "o.aasen@privat.example") else [] for one in addresses]


class Listening(Source):
    """Knows nobody, and notes about whom it is asked."""

    key, directories = "listening", frozenset({"listening"})
    label = container_label = all_label = Label("Listening", "Lytter")

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        self.asked += addresses
        return [[] for _ in addresses]


@dataclass
class Plugin:
    source: Source

    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [self.source]


async def test_who_may_be_somebody_else_is_not_believed_and_the_invitee_still_is(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    office.house.plugins.load([Plugin(Away())])

    service = await post.answer(made, "Per", "DECLINED", sender="calendar@kunde.example")
    himself = await post.answer(made, "Per", "ACCEPTED")

    assert (service.outcome, himself.outcome) == (InboundOutcome.UNVERIFIED, InboundOutcome.APPLIED)
    assert (await office.participant(made, "Per")).status is ParticipantStatus.ACCEPTED


async def test_an_address_counts_that_a_source_knows_the_invitee_by_under_another_name(
    office: Office, post: Post
) -> None:
    made = await office.create(office.ref.ola, email_invitations=True)
    await office.send_all(made)
    office.house.plugins.load([Plugin(People(office.ref.ola))])

    effect = await post.answer(made, "Ola", "ACCEPTED", sender="o.aasen@privat.example", tagged=False)

    assert effect.outcome is InboundOutcome.APPLIED


async def test_an_address_counts_where_it_was_once_said_that_both_names_are_the_same_ones(
    office: Office, post: Post
) -> None:
    made = await office.create(office.ref.ola, email_invitations=True)
    await office.send_all(made)
    async with office.house.database.write() as connection:
        await intern_groups(connection, [("people:ola", office.ref.ola)])
    office.house.plugins.load([Plugin(People())])

    effect = await post.answer(made, "Ola", "ACCEPTED", sender="o.aasen@privat.example", tagged=False)
    others = await post.answer(made, "Ola", "DECLINED", sender="ola@elsewhere.example", tagged=False)

    assert (effect.outcome, others.outcome) == (InboundOutcome.APPLIED, InboundOutcome.UNVERIFIED)


async def test_no_source_is_asked_about_the_address_that_was_invited(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    source = Listening()
    office.house.plugins.load([Plugin(source)])

    invited = await post.answer(made, "Per", "ACCEPTED")
    asked = list(source.asked)
    await post.answer(made, "Per", "DECLINED", sender="x@elsewhere.example")

    assert (invited.outcome, asked) == (InboundOutcome.APPLIED, [])
    assert "x@elsewhere.example" in source.asked
