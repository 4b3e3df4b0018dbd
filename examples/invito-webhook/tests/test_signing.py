"""Signatures, as an implementation that others wrote verifies them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invito_webhook.messages import message_of, trial_message
from invito_webhook.signing import key_of, new_secret, signed_headers
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from webhook_endpoints import CHANGED, SECRET, AtWork, endpoint
from webhook_receivers import Receiver

OLD, NEW, FOREIGN = (new_secret() for _ in range(3))


def now() -> datetime:
    return datetime.now(UTC)


@given(st.text())
def test_what_is_signed_is_verified_by_others(body: str) -> None:
    headers = signed_headers("msg_1", body.encode("utf-8", "replace").decode(), [key_of(SECRET)], now())

    Webhook(SECRET).verify(body.encode("utf-8", "replace"), headers, json_parse=False)


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
def test_while_secrets_are_changed_either_verifies(secret: str) -> None:
    headers = signed_headers("msg_1", "{}", [key_of(OLD), key_of(NEW)], now())

    assert Webhook(secret).verify("{}", headers) == {}


@pytest.mark.parametrize(
    ("secret", "body", "changed"),
    [
        (FOREIGN, "{}", {}),
        (OLD, "[]", {}),
        (OLD, "{}", {"webhook-id": "msg_2"}),
        (OLD, "{}", {"webhook-timestamp": str(int(now().timestamp()) - 1)}),
        (OLD, "{}", {"webhook-timestamp": "0"}),
    ],
    ids=["foreign", "another body", "another id", "another time", "long ago"],
)
def test_a_foreign_secret_or_anything_changed_on_the_way_is_refused(
    secret: str, body: str, changed: dict[str, str]
) -> None:
    headers = signed_headers("msg_1", "{}", [key_of(OLD)], now())

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers | changed)


async def test_what_is_posted_is_verified_by_others(at_work: AtWork, receiver: Receiver) -> None:
    async with at_work(endpoint(receiver.url, secrets=(OLD, NEW))) as webhooks:
        await webhooks.take(CHANGED)
        came = await receiver.next()

    assert Webhook(OLD).verify(came.body, came.headers) == Webhook(NEW).verify(came.body, came.headers)
    assert came.content == {
        "type": "follow_up.changed",
        "timestamp": "2026-12-01T10:00:00.000000Z",
        "data": {"follow_up_uid": CHANGED.follow_up_uid, "revision": 1, "is_cancelled": False},
    }
    assert came.headers["content-type"] == "application/json"


def test_an_event_has_one_id_and_another_has_another() -> None:
    assert message_of(CHANGED) == message_of(CHANGED)
    assert message_of(CHANGED).id != trial_message(CHANGED.occurred_at).id
    assert json.loads(trial_message(CHANGED.occurred_at).body)["type"] == "webhook.test"
