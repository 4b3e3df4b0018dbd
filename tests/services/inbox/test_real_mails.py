"""Real mails of programs on the whole way in, each doing what the index says: seen in the database and over the API.

The follow-up that is stored is fitted to the mail, never the mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from invito.schema import Context, build_schema
from invito.schema.ids import global_id
from invito.services.addresses import address_key
from invito.services.follow_ups.commands import TypedEmail
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import FollowUpId, InboxId
from invito.services.inbox.applying import apply_inbound_message
from invito.services.inbox.receiving import Envelope
from invito.services.inbox.repository import InboundMessage
from invito.services.itip.understanding import understand
from invito.services.itip.understood import Instant, UnderstoodMail, WholeDay
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mail.values import MailMethod
from invito.services.signing import Purpose
from invito.services.storage.follow_up_tables import FollowUpRow
from tests.services.itip.test_shared_messages import SAMPLES, Sample

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Intake

NOT_SEEN = ParticipantStatus.NOT_SEEN
STATUS = {
    "ACCEPTED": ParticipantStatus.ACCEPTED,
    "TENTATIVE": ParticipantStatus.TENTATIVE,
    "DECLINED": ParticipantStatus.DECLINED,
    "COMPLETED": ParticipantStatus.ACCEPTED,
}
WITHOUT_EFFECT = {
    "not-ours": InboundOutcome.NOT_OURS,
    "auto-reply": InboundOutcome.NOT_OURS,
    "no-calendar": InboundOutcome.NOT_OURS,
    "broken": InboundOutcome.NOT_UNDERSTOOD,
}
SCHEMA = build_schema()
QUERY = """query ($id: ID!) { node(id: $id) { ... on InboundMessage { outcome reason sender status
    followUp { participants { nodes { email status emailInvitation { state }
        proposals { start end isOpen } } } } participant { email status } } } }"""


@dataclass
class Round:
    """One sample on its way."""

    office: Office
    intake: Intake
    sample: Sample
    said: UnderstoodMail
    wrong: list[str] = field(default_factory=list)

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found} and not {wanted}")

    async def asked(self) -> FollowUpId:
        """The follow-up that the mail answers, whose invitees hold a REQUEST."""
        people = list(self.people) or ["ole@kunde.example"]
        made = await self.office.create(*map(TypedEmail, people), email_invitations=True)
        await self.office.send_all(made)
        if self.said.uids:
            await self._fit(made)
        return made

    @property
    def people(self) -> dict[str, None]:
        attendees = (one for component in self.said.components for one in component.attendees)
        return dict.fromkeys(one.address for one in attendees if one.address)

    @property
    def is_from_the_attendee(self) -> bool:
        return self.said.sender is not None and address_key(self.said.sender) in map(address_key, self.people)

    async def _fit(self, made: FollowUpId) -> None:
        occurrences = [one.recurrence_id for one in self.said.components if one.recurrence_id is not None]
        start = datetime(2026, 12, 1, 8, tzinfo=UTC)
        for one in occurrences:
            start = one.at if isinstance(one, Instant) else datetime.combine(one.day, datetime.min.time(), UTC)
        sequence = max(one.sequence for one in self.said.components)
        values = {
            "uid": self.said.uids[0], "sequence": sequence, "moved_sequence": sequence, "time_zone": "UTC",
            "start": start, "end": start + timedelta(hours=1),
            "is_all_day": any(isinstance(one, WholeDay) for one in occurrences),
        }  # fmt: skip
        async with self.office.house.database.write() as connection:
            await connection.execute(update(FollowUpRow).where(FollowUpRow.id == made).values(values))

    async def seen(self, message: InboxId) -> Any:
        """The mail as its owner sees it over the API, or an administrator where it is about nothing known."""
        errors = None
        for caller in (self.office.kari, self.office.admin):
            done = await SCHEMA.execute(
                QUERY, {"id": global_id("InboundMessage", message)}, context_value=Context(self.office.house, caller)
            )
            if done.errors is None and done.data is not None:
                return done.data["node"]
            errors = done.errors
        raise AssertionError(errors)


async def test_real_mails_do_on_the_whole_way_what_the_index_says(office: Office, intake: Intake, shared: Path) -> None:
    wrong = {}
    for sample in SAMPLES:
        one = Round(office, intake, sample, understand(sample.mail()))
        await go(one)
        if one.wrong:
            wrong[sample.file.name] = one.wrong
        async with office.house.database.write() as connection:
            # UIDs come again in the folder.
            await connection.execute(update(FollowUpRow).values(uid=FollowUpRow.id))

    assert wrong == {}


async def go(one: Round) -> None:
    made = await one.asked()
    before = await one.office.state()
    envelope = Envelope()
    if one.sample.expected == "bounce":
        who = next(iter(await one.office.everyone(made))).id + 1
        tag = one.office.house.keys.tag(Purpose.INVITEE_TAG, who)
        envelope = Envelope("", (f"invito+{tag}@nordlys.example",))
    became = await one.intake.brings(one.sample.mail(), envelope)
    over_api = await one.seen(became.id)
    one.expect("the outcome over the API", over_api["outcome"], became.outcome.name)
    if one.sample.expected in WITHOUT_EFFECT:
        if "may be taken as bounce too" not in one.sample.note:
            one.expect("outcome", became.outcome, WITHOUT_EFFECT[one.sample.expected])
        one.expect("nothing changed", await one.office.state() == before, True)
    elif one.sample.expected == "bounce":
        await bounced(one, made, became, over_api)
    elif not one.is_from_the_attendee:
        one.expect("outcome", became.outcome, InboundOutcome.UNVERIFIED)
        one.expect("statuses", {each.status for each in await invitees(one.office, made)}, {NOT_SEEN})
        await apply_inbound_message(one.office.house, one.office.kari, became.id)
        await answered(one, made, became, await one.seen(became.id))
    else:
        await answered(one, made, became, over_api)


async def invitees(office: Office, made: FollowUpId) -> list[Any]:
    return (await office.everyone(made))[1:]


async def answered(one: Round, made: FollowUpId, became: InboundMessage, over_api: Any) -> None:
    one.expect("outcome", over_api["outcome"], "APPLIED")
    participant = over_api["participant"]
    there = (await invitees(one.office, made))[0]
    one.expect("participant", participant and participant["email"], there.email)
    if one.sample.expected == "answer":
        wanted = {STATUS[each] for each in one.sample.partstat.split("+")}
        one.expect("status", there.status in wanted, True)
        one.expect("status over the API", participant["status"], there.status.name)
    elif one.sample.expected == "proposal":
        (proposed,) = [each for node in over_api["followUp"]["participants"]["nodes"] for each in node["proposals"]]
        one.expect("proposal", (proposed["isOpen"], proposed["start"] < proposed["end"]), (True, True))
    else:
        sent = [(method, sequence) for _, method, sequence in await one.office.outbox(made)]
        one.expect("mails", [method for method, _ in sent], [MailMethod.REQUEST])


async def bounced(one: Round, made: FollowUpId, became: InboundMessage, over_api: Any) -> None:
    delivery = "DELAYED" if "delayed" in one.sample.note else "FAILED"
    there = (await invitees(one.office, made))[0]
    one.expect("outcome", became.outcome, InboundOutcome.BOUNCE)
    one.expect("delivery", there.email_delivery.name, delivery)
    one.expect("participant", (over_api["participant"] or {}).get("email"), there.email)
