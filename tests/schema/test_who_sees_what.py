"""FEATURES, "Who sees and does what": each row over all queries, mutations, subscriptions and node types, each role."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLError, GraphQLObjectType
from sqlalchemy import insert

from invito.services.busy.references import intern
from invito.services.mailboxes.values import MailboxState
from invito.services.storage.mail_tables import MailboxRow

if TYPE_CHECKING:
    from types import SimpleNamespace

    from tests.schema.conftest import Office

# The rules are SQL on both databases alike; test_visibility.py compares them there.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWNER, INVITEE, GROUP, OTHER, ADMIN, STRANGER = (
    "kari@office.example",
    "eva@office.example",
    "ola@office.example",
    "worker100@office.example",
    "admin@office.example",
    "stranger@elsewhere.example",
)
EVERYBODY = (OWNER, INVITEE, GROUP, OTHER, ADMIN, STRANGER)
SEES = {
    "ALL": {OWNER, INVITEE, GROUP, OTHER, ADMIN},
    "OWNER_GROUP": {OWNER, INVITEE, GROUP},
    "OWNER": {OWNER, INVITEE},
}
CASES = [(visibility, viewer) for visibility in SEES for viewer in EVERYBODY]

CANARY = "Kanarifugl"
WHEN = {"start": "2027-03-01T10:00:00Z", "end": "2027-03-01T11:00:00Z"}
SHOWN = "id title icalendar owner { name } participants { nodes { name status followUp { title } } }"

# Reading one follow-up, by every way to it: the field, and what it needs of the ids that are there.
BY_ID = {
    "followUp": (f"query ($id: ID!) {{ followUp(id: $id) {{ {SHOWN} }} }}", "follow_up"),
    "node FollowUp": (f"query ($id: ID!) {{ node(id: $id) {{ ... on FollowUp {{ {SHOWN} }} }} }}", "follow_up"),
    "node Participant": (
        "query ($id: ID!) { node(id: $id) { ... on Participant { name status followUp { title } } } }",
        "participant",
    ),
}
# Lists and searches, whose answers never hold what may not be seen.
LISTS = {
    "nodes": "query ($id: ID!) { nodes(ids: [$id]) { ... on FollowUp { title } } }",
    "followUps": "{ followUps { totalCount nodes { title } } }",
    "followUps by words": '{ followUps(filter: {search: "Kanari"}) { totalCount nodes { title } } }',
    "followUps of one": '{ followUps(filter: {participant: {reference: "employee:3"}}) { nodes { title } } }',
    "invitations": "{ invitations(filter: {showResponses: true}) { totalCount nodes { followUp { title } } } }",
    "viewer": "{ viewer { notifications { nodes { message followUp { title } } } } }",
    "availableParticipants": (
        "query ($during: TimeSpanInput!) { availableParticipants(source: \"employees\", during: $during) { nodes {"
        " name availability { state conflicts { start end title followUp { title } } } } } }"
    ),
    "searchParticipants": (
        "query ($during: TimeSpanInput!) { searchParticipants(search: \"kari\", during: $during) { nodes {"
        " name availability { state conflicts { title followUp { title } } } } } }"
    ),
    "invitationPreview": (
        "query ($draft: InvitationDraftInput!) { invitationPreview(draft: $draft) { errors { code } participants {"
        " participant { name availability { conflicts { title followUp { title } } } } } } }"
    ),
}  # fmt: skip
# Of these, the lists that are the invitee's own.
OF_INVITEES = {"invitations", "viewer"}
# Those that tell of no follow-up: they are the same for everybody but strangers, or an administrator's.
OF_NO_FOLLOW_UP = {"participantSources", "participantSource", "plugins"}

# What the owner alone does: an input for each, made of the ids that are there.
OWNERS_MUTATIONS: dict[str, Any] = {
    "updateFollowUp": lambda ids: {"id": ids.follow_up, "title": "Changed"},
    "cancelFollowUp": lambda ids: {"id": ids.follow_up},
    "saveParticipants": lambda ids: {"followUpId": ids.follow_up, "changes": {"remove": [ids.participant]}},
    "inviteParticipants": lambda ids: {
        "followUpId": ids.follow_up,
        "invitees": [{"participant": {"reference": "employee:101"}}],
    },
    "removeParticipants": lambda ids: {"followUpId": ids.follow_up, "participantIds": [ids.participant]},
    "setEmailInvitations": lambda ids: {"followUpId": ids.follow_up, "enabled": True},
    "setEmailInvitation": lambda ids: {"participantId": ids.participant, "enabled": True},
    "setParticipantStatus": lambda ids: {"participantId": ids.participant, "status": "DECLINED"},
    "toggleEmailInvitation": None,
    "toggleParticipantStatus": None,
}
INVITEES_MUTATIONS = {"respondToInvitation", "markInvitationSeen"}
ADMINISTRATORS_MUTATIONS = {
    "setAvailableAsParticipant": {"participant": {"reference": "employee:101"}, "isAvailable": False},
    "updateParticipantSource": {"key": "resource", "isEnabled": False},
}
EMPLOYEES_MUTATIONS = {"createFollowUp", "setOpenOverviews", "acknowledgeNotification"}
# Those about mail stand in test_who_sees_mail.py.
MAIL_QUERIES = {"inboundMessages"}
MAIL_MUTATIONS = {"acceptProposal", "declineProposal", "applyInboundMessage", "retryInboundMessage"}
MAILBOX_MUTATIONS = {"saveMailbox", "testMailbox", "removeMailbox"}
SUBSCRIPTIONS = {"followUpChanged", "followUpsChanged", "notificationReceived"}
NODE_TYPES = {"FollowUp", "Participant", "Employee", "Invitation", "Notification", "InboundMessage"}


async def private(office: Office, visibility: str) -> SimpleNamespace:
    """A follow-up of Kari's to which Eva is invited."""
    there = await office.follow_up("employee:3", title=CANARY, visibility=visibility, start=WHEN["start"])
    there.follow_up, there.participant = there.id, there.participants["Eva"]
    return there


def test_every_field_and_node_type_is_in_these_tables(office: Office) -> None:
    types = office.schema._schema.type_map
    fields = {name: set(types[name].fields) for name in ("Query", "Mutation", "Subscription")}  # type: ignore[attr-defined]  # object types
    nodes = {
        name
        for name, type_ in types.items()
        if isinstance(type_, GraphQLObjectType) and any(one.name == "Node" for one in type_.interfaces)
    }

    assert fields["Query"] == {name.split()[0] for name in (*BY_ID, *LISTS)} | OF_NO_FOLLOW_UP | MAIL_QUERIES
    assert fields["Mutation"] == (
        set(OWNERS_MUTATIONS)
        | INVITEES_MUTATIONS
        | set(ADMINISTRATORS_MUTATIONS)
        | EMPLOYEES_MUTATIONS
        | MAIL_MUTATIONS
        | MAILBOX_MUTATIONS
    )
    assert fields["Subscription"] == SUBSCRIPTIONS
    assert nodes == NODE_TYPES


@pytest.mark.parametrize("way", BY_ID)
@pytest.mark.parametrize(("visibility", "viewer"), CASES)
async def test_a_follow_up_is_found_by_those_who_may_see_it_alone(
    office: Office, visibility: str, viewer: str, way: str
) -> None:
    query, wanted = BY_ID[way]
    id_ = getattr(await private(office, visibility), wanted)

    result = await office.ask(query, viewer, id=id_)

    assert (CANARY in repr(result)) == (viewer in SEES[visibility])
    if viewer not in SEES[visibility]:
        (error,) = result.errors or [GraphQLError("none")]
        assert (error.extensions or {})["code"] == "NOT_FOUND"


@pytest.mark.parametrize(("visibility", "viewer"), CASES)
async def test_lists_and_searches_tell_of_what_may_be_seen_and_of_nothing_else(
    office: Office, visibility: str, viewer: str
) -> None:
    there = await private(office, visibility)
    draft = {"create": {"type": "TASK", "title": "Mine", "start": WHEN["start"], "invitees": [reference(1)]}}

    for way, query in LISTS.items():
        named = {"id": there.id, "during": WHEN, "draft": draft}
        variables = {name: value for name, value in named.items() if f"${name}:" in query}
        result = await office.ask(query, viewer, **variables)

        told = {INVITEE} if way in OF_INVITEES else SEES[visibility]
        assert (CANARY in repr(result)) == (viewer in told), way
        assert result.errors is None or way == "nodes", (way, result.errors)


@pytest.mark.parametrize(("visibility", "viewer"), CASES)
async def test_who_may_not_see_it_sees_that_its_people_are_busy(office: Office, visibility: str, viewer: str) -> None:
    await private(office, visibility)

    found = await office.answer(LISTS["searchParticipants"], viewer, during=WHEN)

    # A stranger, who is no employee, gets empty lists.
    entries = found["searchParticipants"]["nodes"]
    assert [entry["availability"]["state"] for entry in entries] == ([] if viewer == STRANGER else ["BUSY"])


@pytest.mark.parametrize(("visibility", "viewer"), CASES)
@pytest.mark.parametrize("mutation", OWNERS_MUTATIONS)
async def test_only_the_owner_changes_a_follow_up(office: Office, visibility: str, viewer: str, mutation: str) -> None:
    there = await private(office, visibility)

    done = await office.answer(*mutated(mutation, viewer, there))

    expected = {OWNER: [], STRANGER: ["FORBIDDEN"]}.get(
        viewer, ["NOT_OWNER" if viewer in SEES[visibility] else "NOT_FOUND"]
    )
    assert [error["code"] for error in done[mutation]["errors"]] == expected


@pytest.mark.parametrize(("visibility", "viewer"), CASES)
@pytest.mark.parametrize("mutation", sorted(INVITEES_MUTATIONS))
async def test_only_the_invitee_answers(office: Office, visibility: str, viewer: str, mutation: str) -> None:
    there = await private(office, visibility)
    argument = (
        "participantId: $id" if mutation == "markInvitationSeen" else "input: {participantId: $id, status: ACCEPTED}"
    )

    done = await office.answer(
        f"mutation ($id: ID!) {{ {mutation}({argument}) {{ errors {{ code }} }} }}", viewer, id=there.participant
    )

    expected = {INVITEE: [], STRANGER: ["FORBIDDEN"]}.get(
        viewer, ["FORBIDDEN" if viewer in SEES[visibility] else "NOT_FOUND"]
    )
    assert [error["code"] for error in done[mutation]["errors"]] == expected


@pytest.mark.parametrize("viewer", EVERYBODY)
@pytest.mark.parametrize("mutation", ADMINISTRATORS_MUTATIONS)
async def test_only_administrators_set_what_is_offered(office: Office, viewer: str, mutation: str) -> None:
    done = await office.answer(
        f"mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input)"
        " { errors { code } } }",
        viewer,
        input=ADMINISTRATORS_MUTATIONS[mutation],
    )

    assert [error["code"] for error in done[mutation]["errors"]] == ([] if viewer == ADMIN else ["FORBIDDEN"])


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_only_administrators_see_what_is_not_offered(office: Office, viewer: str) -> None:
    disabled = await office.ask("{ participantSources(includeDisabled: true) { key } }", viewer)
    hidden = await office.ask(
        '{ availableParticipants(source: "employees", includeUnavailable: true) { totalCount } }', viewer
    )

    plugins = await office.ask("{ plugins { nodes { name } } }", viewer)

    for answer in (disabled, hidden, plugins):
        assert (answer.errors is None) == (viewer == ADMIN)


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_employees_alone_create_and_open_overviews(office: Office, viewer: str) -> None:
    made = await office.answer(
        "mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) { errors { code } } }",
        viewer,
        input={"type": "TASK", "title": "Mine", "start": WHEN["start"]},
    )
    opened = await office.answer(
        "mutation ($who: [ParticipantInput!]!) { setOpenOverviews(participants: $who) { errors { code } } }",
        viewer,
        who=[{"reference": "employee:1"}],
    )

    expected = ["FORBIDDEN"] if viewer == STRANGER else []
    assert [error["code"] for error in made["createFollowUp"]["errors"]] == expected
    assert [error["code"] for error in opened["setOpenOverviews"]["errors"]] == expected


@pytest.mark.parametrize("viewer", EVERYBODY)
@pytest.mark.parametrize("mutation", sorted(MAILBOX_MUTATIONS))
async def test_employees_alone_have_a_mailbox_and_only_their_own(office: Office, viewer: str, mutation: str) -> None:
    await with_mailbox(office, 1, "kari.private@office.example")
    inside = (
        '(input: {address: "kari@office.example", smtpUrl: "smtps://127.0.0.1", username: "kari", password: "secret"})'
    )

    shown = await office.answer("{ viewer { mailbox { address } } }", viewer)
    done = await office.answer(
        f"mutation {{ {mutation}{'' if mutation == 'removeMailbox' else inside} {{ errors {{ code }} }} }}", viewer
    )

    address = {OWNER: "kari.private@office.example", STRANGER: None}.get(viewer, "invito@office.example")
    assert (shown["viewer"]["mailbox"] or {"address": None})["address"] == address
    allowed = [] if mutation == "removeMailbox" else ["MAILBOX_FAILED"]
    assert [error["code"] for error in done[mutation]["errors"]] == (["FORBIDDEN"] if viewer == STRANGER else allowed)
    left = await office.answer("{ viewer { mailbox { address } } }", OWNER)
    is_left = (viewer, mutation) != (OWNER, "removeMailbox")
    assert (left["viewer"]["mailbox"]["address"] == "kari.private@office.example") == is_left


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_notifications_are_their_recipients_alone(office: Office, viewer: str) -> None:
    await private(office, "ALL")
    found = await office.answer("{ viewer { notifications { nodes { id } } } }", INVITEE)
    id_ = found["viewer"]["notifications"]["nodes"][0]["id"]

    seen = await office.ask("query ($id: ID!) { node(id: $id) { ... on Notification { message } } }", viewer, id=id_)
    done = await office.answer(
        "mutation ($id: ID!) { acknowledgeNotification(id: $id) { errors { code } } }", viewer, id=id_
    )

    assert (seen.errors is None) == (viewer == INVITEE)
    expected = {INVITEE: [], STRANGER: ["FORBIDDEN"]}.get(viewer, ["NOT_FOUND"])
    assert [error["code"] for error in done["acknowledgeNotification"]["errors"]] == expected


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_an_invitation_is_the_invitees_and_the_owners(office: Office, viewer: str) -> None:
    await private(office, "ALL")
    found = await office.answer("{ invitations { nodes { id } } }", INVITEE)

    (invitation,) = found["invitations"]["nodes"]
    seen = await office.ask("query ($id: ID!) { node(id: $id) { id } }", viewer, id=invitation["id"])

    assert (seen.errors is None) == (viewer in (INVITEE, OWNER))


@pytest.mark.parametrize("viewer", EVERYBODY)
async def test_colleagues_are_seen_by_employees(office: Office, viewer: str) -> None:
    found = await office.answer("{ viewer { employee { id } } }", OWNER)

    seen = await office.ask(
        "query ($id: ID!) { node(id: $id) { ... on Employee { name groups } } }",
        viewer,
        id=found["viewer"]["employee"]["id"],
    )

    assert (seen.errors is None) == (viewer != STRANGER)


FOLLOWING = {
    "followUpChanged": "subscription ($id: ID!) { followUpChanged(id: $id) { title } }",
    "followUpsChanged": "subscription ($id: ID!) { followUpsChanged(ids: [$id]) { title } }",
}


@pytest.mark.parametrize("field", FOLLOWING)
@pytest.mark.parametrize(("visibility", "viewer"), CASES)
async def test_a_follow_up_is_followed_by_those_who_may_see_it(
    office: Office, visibility: str, viewer: str, field: str
) -> None:
    there = await private(office, visibility)
    query = FOLLOWING[field]

    if viewer not in SEES[visibility]:
        refused = await office.schema.subscribe(query, {"id": there.id}, context_value=await office.context(viewer))
        told = json.dumps([repr(one) async for one in refused]) if hasattr(refused, "__aiter__") else repr(refused)
        assert "NOT_FOUND" in told
        assert CANARY not in told
        return
    async with aclosing(office.events(query, viewer, id=there.id)) as events:
        first = await anext(events)
    assert first.data == {field: {"title": CANARY}}


@pytest.mark.parametrize("field", sorted({*BY_ID, *LISTS}))
async def test_nobody_unknown_gets_any_answer(office: Office, field: str) -> None:
    query = {**{name: query for name, (query, _) in BY_ID.items()}, **LISTS}[field]

    error = await office.error(query, None, id="x", during=WHEN, draft={})

    assert error["code"] == "UNAUTHENTICATED"


async def with_mailbox(office: Office, employee: int, address: str) -> None:
    """A mailbox of an employee's own, as if it had been saved."""
    async with office.house.database.write() as connection:
        numbers = await intern(connection, [f"employee:{employee}"])
        values = {"employee_id": numbers[f"employee:{employee}"], "address": address, "smtp_url": "smtps://mx.example"}
        rest = {"username": "kari", "password": "", "folder": "INBOX", "state": MailboxState.OK}
        await connection.execute(insert(MailboxRow).values(values | rest))


def reference(number: int) -> dict[str, Any]:
    return {"participant": {"reference": f"employee:{number}"}}


def mutated(mutation: str, viewer: str, there: SimpleNamespace) -> tuple[str, str]:
    """The operation that a viewer asks for, with its input in place."""
    make = OWNERS_MUTATIONS[mutation]
    if make is None:
        return f'mutation {{ {mutation}(participantId: "{there.participant}") {{ errors {{ code }} }} }}', viewer
    return f"mutation {{ {mutation}(input: {literal(make(there))}) {{ errors {{ code }} }} }}", viewer


def literal(value: Any) -> str:
    """A value as it stands in an operation; status names are enum values there."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return "DECLINED" if value == "DECLINED" else json.dumps(value)
