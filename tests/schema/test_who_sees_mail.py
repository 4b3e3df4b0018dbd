"""FEATURES, "Who sees and does what", the row about reasons, delivery errors, proposals and mails that came in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invito.schema.ids import number_in
from invito.services.inbox.receiving import Envelope, receive
from invito.services.inbox.repository import received_mail
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.values import MailOrigin
from invito.services.itip.understanding import understand
from invito.services.signing import Purpose

if TYPE_CHECKING:
    from types import SimpleNamespace

    from tests.schema.conftest import Office

# The rules are SQL on both databases alike; tests/services/inbox compares them there.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWNER, INVITEE, GROUP, OTHER, ADMIN, STRANGER = EVERYBODY = (
    "kari@office.example",
    "eva@office.example",
    "ola@office.example",
    "worker100@office.example",
    "admin@office.example",
    "stranger@elsewhere.example",
)
COUNTER = """From: {sender}
To: {to}
Subject: Kanarifugl
Date: Mon, 01 Mar 2027 08:00:00 +0000
Content-Type: text/calendar; method=COUNTER; charset=utf-8

BEGIN:VCALENDAR
METHOD:COUNTER
BEGIN:VEVENT
UID:{uid}
SEQUENCE:0
DTSTAMP:20270301T080000Z
DTSTART:20270302T100000Z
DTEND:20270302T110000Z
ATTENDEE;PARTSTAT=TENTATIVE:mailto:eva@office.example
COMMENT:Kanarisang
END:VEVENT
END:VCALENDAR
"""


async def brings(office: Office, raw: str) -> None:
    house, written = office.house, raw.encode()
    number = await receive(house, written, MailOrigin.FILE, Envelope())
    async with house.database.read() as connection:
        received = await received_mail(connection, number)
    assert received is not None
    await take_in(house, received, understand(written))


async def proposed(office: Office, sender: str = INVITEE) -> SimpleNamespace:
    """A follow-up of Kari's for which Eva asks for another time by mail, or somebody in her name."""
    there = await office.follow_up("employee:3")
    tag = office.house.keys.tag(Purpose.FOLLOW_UP_TAG, number_in("FollowUp", there.id))
    uid = (
        (await office.answer("query ($id: ID!) { followUp(id: $id) { icalendar } }", id=there.id))["followUp"][
            "icalendar"
        ]
        .partition("UID:")[2]
        .split("\r\n")[0]
    )
    await brings(office, COUNTER.format(sender=sender, to=f"invito+{tag}@office.example", uid=uid))
    return there


async def one_message(office: Office, viewer: str) -> Any:
    found = await office.answer("{ inboundMessages { nodes { id outcome participant { name } } } }", viewer)
    (message,) = found["inboundMessages"]["nodes"]
    return message


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_a_mail_about_a_follow_up_is_its_owners_alone(office: Office, viewer: str) -> None:
    await proposed(office, sender="eva@elsewhere.example")
    id_ = (await one_message(office, OWNER))["id"]

    listed = await office.answer("{ inboundMessages { totalCount nodes { subject } } }", viewer)
    node = await office.ask("query ($id: ID!) { node(id: $id) { ... on InboundMessage { subject } } }", viewer, id=id_)
    retried = await office.answer(
        "mutation ($id: ID!) { retryInboundMessage(messageId: $id) { message { subject } errors { code } } }",
        viewer,
        id=id_,
    )

    assert bool(listed["inboundMessages"]["totalCount"]) == (viewer == OWNER)
    assert (node.errors is None) == (viewer == OWNER)
    assert (retried["retryInboundMessage"]["errors"] == []) == (viewer == OWNER)
    for answer in (listed, node.data, retried):
        assert ("Kanarifugl" in repr(answer)) == (viewer == OWNER)


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_a_mail_about_no_known_follow_up_is_the_administrators(office: Office, viewer: str) -> None:
    await brings(office, "From: a@b.example\nSubject: Kanarifugl\n\nHei")

    listed = await office.answer("{ inboundMessages { nodes { subject } } }", viewer)

    assert ("Kanarifugl" in repr(listed)) == (viewer == ADMIN)


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_a_proposal_is_seen_by_the_owner_and_by_whoever_proposed(office: Office, viewer: str) -> None:
    there = await proposed(office)

    found = await office.ask(
        "query ($id: ID!) { followUp(id: $id) { participants { nodes { proposals { comment isOpen } } } } }",
        viewer,
        id=there.id,
    )

    assert ("Kanarisang" in repr(found.data)) == (viewer in (OWNER, INVITEE))


@pytest.mark.parametrize("mutation", ["acceptProposal", "declineProposal"])
@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_only_the_owner_decides_a_proposal(office: Office, viewer: str, mutation: str) -> None:
    there = await proposed(office)
    found = await office.answer(
        "query ($id: ID!) { followUp(id: $id) { participants { nodes { proposals { id } } } } }", id=there.id
    )
    (proposal,) = [one["id"] for row in found["followUp"]["participants"]["nodes"] for one in row["proposals"]]

    done = await office.answer(
        f"mutation ($id: ID!) {{ {mutation}(proposalId: $id) {{ errors {{ code }} }} }}", viewer, id=proposal
    )

    expected = {OWNER: [], STRANGER: ["FORBIDDEN"]}.get(viewer, ["NOT_OWNER"])
    assert [error["code"] for error in done[mutation]["errors"]] == expected


@pytest.mark.parametrize("mutation", ["acceptProposal", "declineProposal"])
async def test_a_refused_decision_shows_the_follow_up_as_it_stands(office: Office, mutation: str) -> None:
    there = await proposed(office)
    found = await office.answer(
        "query ($id: ID!) { followUp(id: $id) { participants { nodes { proposals { id } } } } }", id=there.id
    )
    (proposal,) = [one["id"] for row in found["followUp"]["participants"]["nodes"] for one in row["proposals"]]
    decide = f"mutation ($id: ID!) {{ {mutation}(proposalId: $id) {{ followUp {{ id }} errors {{ code }} }} }}"
    await office.answer(decide, OWNER, id=proposal)

    again = await office.answer(decide, OWNER, id=proposal)
    of_nobody = await office.answer(decide, STRANGER, id=proposal)

    assert again[mutation] == {"followUp": {"id": there.id}, "errors": [{"code": "STALE_VERSION"}]}
    assert of_nobody[mutation]["followUp"] is None


async def test_a_belief_that_is_refused_shows_the_participant_as_it_stands(office: Office) -> None:
    await proposed(office, sender="eva@elsewhere.example")
    message = await one_message(office, OWNER)
    believe = "mutation ($id: ID!) { applyInboundMessage(messageId: $id) { participant { name } errors { code } } }"
    first = await office.answer(believe, OWNER, id=message["id"])

    again = await office.answer(believe, OWNER, id=message["id"])

    assert again["applyInboundMessage"] == {
        "participant": first["applyInboundMessage"]["participant"], "errors": [{"code": "INVALID_INPUT"}],
    }  # fmt: skip
    assert again["applyInboundMessage"]["participant"] is not None


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_only_the_owner_believes_a_doubtful_answer(office: Office, viewer: str) -> None:
    await proposed(office, sender="eva@elsewhere.example")
    message = await one_message(office, OWNER)

    done = await office.answer(
        "mutation ($id: ID!) { applyInboundMessage(messageId: $id) { participant { name } errors { code } } }",
        viewer,
        id=message["id"],
    )

    assert message["outcome"] == "UNVERIFIED"
    expected = {OWNER: [], STRANGER: ["FORBIDDEN"]}.get(viewer, ["NOT_FOUND"])
    assert [error["code"] for error in done["applyInboundMessage"]["errors"]] == expected
    assert ("Eva" in repr(done)) == (viewer == OWNER)


async def test_nobody_unknown_gets_any_answer(office: Office) -> None:
    error = await office.error("{ inboundMessages { nodes { subject } } }", None)

    assert error["code"] == "UNAUTHENTICATED"


async def test_why_a_mail_did_what_it_did_is_said_in_the_viewers_language(office: Office) -> None:
    await proposed(office, sender="eva@elsewhere.example")

    found = await office.answer("{ inboundMessages(outcome: UNVERIFIED) { nodes { reason sender status } } }")

    (message,) = found["inboundMessages"]["nodes"]
    assert message["reason"] == "The mail comes from an address that is not the invitee's."
    assert message["sender"] == "eva@elsewhere.example"
