"""Documents that are named in place of sent: those that were sent once, and those of an allow-list."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import build_schema
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.asked import Asked
from invito.documents import AutomaticDocuments, TrustedDocuments, UntrustedManifest
from invito.schema.operation_limits import OperationLimits
from invito.services.errors import Unanswerable
from invito.services.storage import migrating
from invito.settings import Settings, read_settings

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

KARI = "kari.nordmann@nordlys.example"
WHO = "{ viewer { isAdministrator } }"
FOUND = {"data": {"viewer": {"isAdministrator": False}}}
SCHEMA = build_schema("type Query { one: Int two: Int }")


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def persisted(text: str) -> dict[str, Any]:
    """What Apollo's clients send in place of a document."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}}


def asked(text: str | None, named: str | None = None) -> Asked:
    return Asked.of(({} if text is None else {"query": text}) | ({} if named is None else persisted(named)))


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3", budget_cost=0)
    await migrating.upgrade(made.database_url)
    return made


@pytest.fixture
async def client(settings: Settings, listening: Listening) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks a demo as Kari."""
    async with listening(create_app(settings, demo=True)) as address, asking(address) as open_client:
        yield open_client


@pytest.fixture
async def strict(settings: Settings, listening: Listening, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks a demo that carries out one document alone."""
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "app.json").write_text(json.dumps({hash_of(WHO): WHO}))
    trusting = settings.model_copy(update={"trusted_documents": str(tmp_path / "trusted")})
    async with listening(create_app(trusting, demo=True)) as address, asking(address) as open_client:
        yield open_client


def asking(address: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=address, headers={"X-Invito-Viewer": KARI})


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    (error,) = answer.json()["errors"]
    return dict(error)


async def test_a_document_that_was_sent_once_with_its_hash_is_known_by_it(client: httpx2.AsyncClient) -> None:
    before = await client.post("/graphql", json=persisted(WHO))
    sent = await client.post("/graphql", json=persisted(WHO) | {"query": WHO})
    after = await client.post("/graphql", json=persisted(WHO))
    got = await client.get("/graphql", params={"extensions": json.dumps(persisted(WHO)["extensions"])})
    by_id = await client.get("/graphql", params={"documentId": f"sha256:{hash_of(WHO)}"})

    assert error_of(before)["message"] == "PersistedQueryNotFound"
    assert error_of(before)["extensions"] == {
        "code": "PERSISTED_QUERY_NOT_FOUND",
        "path": ["extensions", "persistedQuery"],
    }
    for answer in (sent, after, got, by_id):
        assert answer.json() == FOUND
    assert got.headers["etag"]


async def test_whoever_names_a_document_by_its_id_is_told_of_the_id(client: httpx2.AsyncClient) -> None:
    by_id = {"documentId": f"sha256:{hash_of(WHO)}"}

    unknown = await client.post("/graphql", json=by_id)
    of_another = await client.post("/graphql", json=by_id | {"query": "{ __typename }"})
    sent = await client.post("/graphql", json=by_id | {"query": WHO})
    known = await client.post("/graphql", json=by_id)

    assert error_of(unknown)["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND", "path": ["documentId"]}
    assert error_of(unknown)["message"].startswith("No document has this documentId here")
    assert error_of(of_another)["extensions"] == {"code": "INVALID_INPUT", "path": ["documentId"]}
    assert error_of(of_another)["message"].startswith("documentId is not the SHA-256 of query")
    assert sent.json() == known.json() == FOUND


HEX = hash_of(WHO)


@pytest.mark.parametrize(
    "named", ["x-1", HEX[1:], HEX + "0", HEX.upper(), f"md5:{HEX}", f"sha256:sha256:{HEX}", HEX + "\n"]
)
async def test_an_id_of_another_form_is_told_which_form_is_wanted(
    client: httpx2.AsyncClient, strict: httpx2.AsyncClient, named: str
) -> None:
    for service in (client, strict):
        answer = await service.post("/graphql", json={"documentId": named})

        assert error_of(answer)["extensions"] == {"code": "INVALID_INPUT", "path": ["documentId"]}
        assert error_of(answer)["message"].startswith("documentId should be sha256: and the 64 hexadecimal digits")


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_hash_of_another_document_is_refused(client: httpx2.AsyncClient, is_known: bool) -> None:
    other = "{ __typename }"
    if is_known:
        await client.post("/graphql", json=persisted(other) | {"query": other})

    answer = await client.post("/graphql", json=persisted(other) | {"query": WHO})

    assert error_of(answer)["extensions"] == {"code": "INVALID_INPUT", "path": ["extensions", "persistedQuery"]}


@pytest.mark.parametrize(
    "named",
    [
        3,
        {},
        {"version": 2, "sha256Hash": hash_of(WHO)},
        {"version": 1},
        {"version": 1, "sha256Hash": 3},
        {"version": 1, "sha256Hash": "x"},
    ],
)
async def test_a_document_named_in_another_way_is_refused(client: httpx2.AsyncClient, named: object) -> None:
    answer = await client.post("/graphql", json={"extensions": {"persistedQuery": named}})

    assert error_of(answer)["extensions"] == {"code": "INVALID_INPUT", "path": ["extensions", "persistedQuery"]}


def test_a_document_that_is_not_valid_is_not_kept() -> None:
    documents = AutomaticDocuments(SCHEMA, OperationLimits(tokens=10))

    for text in ("{ nothing }", "{", "{ one two one two one two one two one }"):
        documents.text_of(asked(text, text))

        with pytest.raises(Unanswerable):
            documents.text_of(asked(None, text))


TEXTS = st.sampled_from(["{ one }", "{ two }", "{ one two }", "{ two one }", "{ a: one }", "{ b: two # long\n}"])


@of_hypothesis(deadline=None)
@given(st.lists(st.tuples(TEXTS, st.booleans())), st.integers(1, 4), st.integers(7, 40))
def test_the_last_that_were_asked_for_are_kept_within_the_bounds(
    steps: list[tuple[str, bool]], most: int, characters: int
) -> None:
    documents = AutomaticDocuments(SCHEMA, OperationLimits(tokens=100), most, characters)
    kept: list[str] = []

    for text, is_sent in steps:
        try:
            assert documents.text_of(asked(text if is_sent else None, text)) == text
        except Unanswerable:
            assert not is_sent
            assert text not in kept
            continue
        assert is_sent or text in kept
        kept = [one for one in kept if one != text] + [text] * (len(text) <= characters)
        while len(kept) > most or sum(map(len, kept)) > characters:
            kept.pop(0)


def test_a_document_that_is_sent_with_its_hash_again_is_one_that_was_asked_for_last() -> None:
    documents = AutomaticDocuments(SCHEMA, OperationLimits(tokens=100), 2, 100)

    for text in ("{ one }", "{ two }", "{ one }", "{ one two }"):
        documents.text_of(asked(text, text))

    assert documents.text_of(asked(None, "{ one }")) == "{ one }"


async def test_trusted_documents_are_carried_out_and_no_others(strict: httpx2.AsyncClient) -> None:
    other = "{ viewer { id } }"
    trusted: list[dict[str, Any]] = [
        {"documentId": f"sha256:{hash_of(WHO)}"}, {"documentId": hash_of(WHO)}, persisted(WHO), {"query": WHO},
        {"query": WHO} | persisted(WHO),
    ]  # fmt: skip
    others: list[dict[str, Any]] = [
        {"documentId": f"sha256:{hash_of(other)}"}, persisted(other), {"query": other},
        {"query": other} | persisted(other), {"query": other} | persisted(WHO),
        {"query": other, "documentId": f"sha256:{hash_of(WHO)}"},
    ]  # fmt: skip

    taken = [await strict.post("/graphql", json=body) for body in trusted]
    refused = [await strict.post("/graphql", json=body) for body in others]

    assert [answer.json() for answer in taken] == [FOUND] * len(trusted)
    assert {error_of(answer)["extensions"]["code"] for answer in refused} == {"UNTRUSTED_DOCUMENT"}
    paths = [error_of(answer)["extensions"]["path"] for answer in refused]
    assert paths == [["documentId"], ["extensions", "persistedQuery"], *[[]] * 4]


async def test_where_documents_are_trusted_there_is_no_graphiql(strict: httpx2.AsyncClient) -> None:
    shown = await strict.get("/graphiql", headers={"Accept": "text/html"})

    assert shown.status_code == 404
    assert "/graphiql" not in shown.text
    assert "/schema.graphql (to explore)" in shown.text


async def test_only_trusted_documents_go_over_a_websocket_or_a_stream(strict: httpx2.AsyncClient) -> None:
    url = str(strict.base_url).replace("http", "ws").rstrip("/") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection:

        async def said(message: object) -> Any:
            await connection.send(json.dumps(message))
            return json.loads(await connection.recv())

        await said({"type": "connection_init", "payload": {"X-Invito-Viewer": KARI}})
        named = {"documentId": f"sha256:{hash_of(WHO)}"}
        taken = await said({"id": "1", "type": "subscribe", "payload": named})
        await connection.recv()
        other = {"query": "subscription { notificationReceived { id } }"}
        refused = await said({"id": "2", "type": "subscribe", "payload": other})
    streamed = await strict.post("/graphql", json=other, headers={"Accept": "text/event-stream"})

    assert taken["payload"] == FOUND
    assert (refused["type"], refused["id"]) == ("error", "2")
    assert refused["payload"][0]["extensions"]["code"] == "UNTRUSTED_DOCUMENT"
    assert error_of(streamed)["extensions"]["code"] == "UNTRUSTED_DOCUMENT"


async def test_a_refusal_is_in_the_viewers_language(strict: httpx2.AsyncClient) -> None:
    answer = await strict.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"Accept-Language": "nb"})

    assert error_of(answer)["message"].startswith("Dette dokumentet")


THREE = "{\n three }"


def manifests(folder: Path, **texts: object) -> TrustedDocuments:
    for name, manifest in texts.items():
        (folder / f"{name}.json").write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return TrustedDocuments.of_folder(folder, SCHEMA, OperationLimits(tokens=20))


def test_manifests_of_several_clients_lie_in_one_folder(tmp_path: Path) -> None:
    apollo = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": hash_of("{ two }"), "name": "Two", "type": "query", "body": "{ two }"}],
    }

    code_generator = {f"sha256:{hash_of('{ a: one }')}": "{ a: one }"}

    trusted = manifests(tmp_path, ours={hash_of("{ one }"): "{ one }"}, theirs=apollo, others=code_generator)

    assert len(trusted) == 3
    assert trusted.text_of(asked(None, "{ a: one }")) == "{ a: one }"
    assert trusted.text_of(asked(None, "{ one }")) == "{ one }"
    assert trusted.text_of(asked(None, "{ two }")) == "{ two }"


NO_MANIFEST = (
    "m.json is no manifest: it should be a JSON object of documents by their SHA-256, or Apollo's list of operations."
)


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (
            "{",
            NO_MANIFEST,
        ),
        (
            {"a": 1},
            NO_MANIFEST,
        ),
        (
            {"format": "apollo-persisted-query-manifest"},
            NO_MANIFEST,
        ),
        (
            {"a": "{ one }"},
            "m.json: a is not the SHA-256 of its document. A SHA-256 has 64 digits, and not 1.",
        ),
        ({hash_of(THREE): "{ one }"}, f"m.json: {hash_of(THREE)} is not the SHA-256 of its document."),
        (
            {hash_of(THREE): THREE},
            f"m.json: {hash_of(THREE)} ({{ three }}): line 2: Cannot query field 'three' on type 'Query'.",
        ),
    ],
    ids=["no JSON", "no text", "half a manifest", "no hash", "wrong hash", "no such field"],
)
def test_what_cannot_be_trusted_is_told_in_a_sentence(tmp_path: Path, manifest: object, problem: str) -> None:
    with pytest.raises(UntrustedManifest) as untrusted:
        manifests(tmp_path, m=manifest, good={hash_of("{ one }"): "{ one }"})

    assert untrusted.value.problems == [problem]


def test_a_document_of_too_many_tokens_is_not_trusted(tmp_path: Path) -> None:
    long = "{ " + "one " * 30 + "}"

    with pytest.raises(UntrustedManifest, match="tokens"):
        manifests(tmp_path, m={hash_of(long): long})


def test_a_folder_without_manifests_trusts_nothing_by_mistake(tmp_path: Path) -> None:
    with pytest.raises(UntrustedManifest, match="no manifest"):
        manifests(tmp_path)
    with pytest.raises(UntrustedManifest, match="no folder"):
        manifests(tmp_path / "elsewhere")
