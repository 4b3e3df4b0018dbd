"""The page that mails link to: it answers without an account and without a script, and reading it changes nothing."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.demo import load
from invito.schema.ids import number_in
from invito.secret_keys import keys_of
from invito.services.signing import Keyring
from invito.services.storage.database import Database
from invito.settings import read_settings
from invito.start_page import KARI

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
CREATE = """
mutation ($start: DateTime!, $description: String) {
  createFollowUp(input: {
    type: APPOINTMENT, title: "Kaffe <b>&", start: $start, description: $description, location: "Kaien",
    invitees: [{participant: {email: {address: "siri@kunde.example", name: "Siri"}}}]
  }) { followUp { id participants { nodes { id name } } } errors { message } }
}
"""
READ = """
query ($id: ID!) { followUp(id: $id) {
  participants { nodes { name status statusOrigin declineReason } } }
  viewer { notifications(first: 1) { nodes { message } } }
}
"""

REMOVE = """
mutation ($f: ID!, $p: ID!) { removeParticipants(input: {followUpId: $f, participantIds: [$p]}) { errors { code } } }
"""
CANCEL = "mutation ($id: ID!) { cancelFollowUp(input: {id: $id}) { errors { code } } }"


@dataclass
class Answering:
    """Siri's invitation, and a client that knows nothing but the link to it."""

    client: httpx2.AsyncClient
    keys: Keyring
    follow_up: str
    siri: int

    def link(self, expires_at: datetime | None = None) -> str:
        return f"/answer/{self.keys.link(self.siri, expires_at or datetime.now(UTC) + timedelta(days=3))}"

    async def ask(self, query: str, **variables: object) -> dict[str, object]:
        return await ask(self.client, query, **variables)

    async def standing(self) -> tuple[object, ...]:
        found = await self.ask(READ, id=self.follow_up)
        (row,) = (one for one in found["followUp"]["participants"]["nodes"] if one["name"] == "Siri")  # type: ignore[index]  # JSON
        return row["status"], row["statusOrigin"], row["declineReason"]


async def ask(client: httpx2.AsyncClient, query: str, **variables: object) -> dict[str, object]:
    body = {"query": query, "variables": variables}
    answer = (await client.post("/graphql", json=body, headers={"X-Invito-Viewer": KARI})).json()
    assert "errors" not in answer
    data: dict[str, object] = answer["data"]
    return data


@pytest.fixture
async def answering(
    database: Database, database_url: str, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> AsyncIterator[Answering]:
    settings = read_settings(database_url=database_url, mail_worker=False).for_demo()
    await load(database, settings, TOMORROW)
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address) as client,
    ):
        made = (await ask(client, CREATE, start=f"{TOMORROW}T10:00", description="Ta med\nkake"))["createFollowUp"]
        assert isinstance(made, dict)
        siri = next(one["id"] for one in made["followUp"]["participants"]["nodes"] if one["name"] == "Siri")
        yield Answering(client, keys_of(settings), made["followUp"]["id"], number_in("Participant", siri))


async def test_reading_the_page_changes_nothing(answering: Answering) -> None:
    page = await answering.client.get(f"{answering.link()}?a=accept")

    assert page.status_code == 200
    assert await answering.standing() == ("NOT_SEEN", "INVITED", None)


async def test_the_page_shows_the_invitation_as_text_and_presets_the_answer(answering: Answering) -> None:
    page = (await answering.client.get(f"{answering.link()}?a=tentative", headers={"Accept-Language": "nb"})).text

    assert "Kaffe &lt;b&gt;&amp;" in page
    assert "Ta med\nkake" in page
    assert "Europe/Oslo" in page
    assert "Deltar du?" in page
    assert 'value="tentative" required checked' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("accept", ("ACCEPTED", "ANSWER_LINK", None)),
        ("tentative", ("TENTATIVE", "ANSWER_LINK", None)),
        ("decline", ("DECLINED", "ANSWER_LINK", "Er på ferie")),
    ],
)
async def test_the_form_answers_and_the_owner_is_told(
    answering: Answering, answer: str, expected: tuple[str, ...]
) -> None:
    page = await answering.client.post(answering.link(), data={"answer": answer, "reason": "Er på ferie"})

    assert page.status_code == 200
    assert "your answer has arrived" in page.text
    assert ("a reason goes with No alone" in page.text) is (answer != "decline")
    assert await answering.standing() == expected
    told = await answering.ask(READ, id=answering.follow_up)
    assert "Siri" in str(told["viewer"])


@pytest.mark.parametrize("form", [{}, {"answer": "perhaps"}, {f"field{number}": "x" for number in range(30)}])
async def test_no_answer_is_no_answer(answering: Answering, form: dict[str, str]) -> None:
    page = await answering.client.post(answering.link(), data=form)

    assert page.status_code == 400
    assert "Choose an answer first." in page.text
    assert await answering.standing() == ("NOT_SEEN", "INVITED", None)


async def test_a_link_that_was_forged_or_has_expired_shows_nothing(answering: Answering) -> None:
    forged = answering.link()[:-1] + ("a" if answering.link()[-1] != "a" else "b")
    others = f"/answer/{Keyring(['a key that is not the one of this service']).link(answering.siri, datetime.now(UTC))}"
    expired = answering.link(datetime.now(UTC) - timedelta(seconds=1))

    pages = [await answering.client.post(link, data={"answer": "accept"}) for link in (forged, others, expired)]

    assert [page.status_code for page in pages] == [404, 404, 410]
    assert all("Kaffe" not in page.text for page in pages)
    assert await answering.standing() == ("NOT_SEEN", "INVITED", None)


async def test_who_was_removed_sees_nothing_any_longer(answering: Answering) -> None:
    found = await answering.ask("query ($id: ID!) { followUp(id: $id) { participants { nodes { id name } } } }",
                                id=answering.follow_up)  # fmt: skip
    siri = next(one["id"] for one in found["followUp"]["participants"]["nodes"] if one["name"] == "Siri")  # type: ignore[index]  # JSON
    await answering.ask(REMOVE, f=answering.follow_up, p=siri)

    page = await answering.client.get(answering.link())

    assert page.status_code == 404
    assert "Kaffe" not in page.text


async def test_a_cancelled_follow_up_takes_no_answer(answering: Answering) -> None:
    await answering.ask(CANCEL, id=answering.follow_up)

    page = await answering.client.post(answering.link(), data={"answer": "accept"})

    assert page.status_code == 410
    assert "This is cancelled: there is nothing left to answer." in page.text
    assert "<form" not in page.text


async def test_what_happened_is_the_first_thing_that_is_read_aloud(answering: Answering) -> None:
    answered = await answering.client.post(answering.link(), data={"answer": "accept"})
    nothing = await answering.client.post(answering.link(), data={})

    assert "<title>Thank you: your answer has arrived. – Kaffe &lt;b&gt;&amp;</title>" in answered.text
    assert "<title>Choose an answer first. – Kaffe &lt;b&gt;&amp;</title>" in nothing.text
    assert ('role="status"' in answered.text, 'role="alert"' in nothing.text) == (True, True)


async def test_all_that_is_filled_in_has_a_label_and_the_page_its_language(answering: Answering) -> None:
    page = (await answering.client.get(answering.link(), headers={"Accept-Language": "nb"})).text

    labels = re.findall(
        r'<label class="choice"><input type="radio" name="answer" value="(\w+)" required> (\w+)</', page
    )
    assert labels == [("accept", "Ja"), ("tentative", "Kanskje"), ("decline", "Nei")]
    assert page.count("<input") == len(labels)
    assert ('<label for="reason">' in page, '<textarea id="reason"' in page) == (True, True)
    assert ('<html lang="nb">' in page, page.count("<h1"), page.count("<legend>")) == (True, 1, 1)


async def test_the_day_until_which_a_link_counted_is_said_in_the_readers_language(answering: Answering) -> None:
    expired = answering.link(datetime(2026, 11, 1, tzinfo=UTC))

    page = await answering.client.get(expired, headers={"Accept-Language": "nb"})

    assert "1. november 2026" in page.text


async def test_the_address_of_the_page_goes_nowhere_else(answering: Answering) -> None:
    headers = (await answering.client.get(answering.link())).headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex"
    assert "default-src 'none'" in headers["content-security-policy"]
