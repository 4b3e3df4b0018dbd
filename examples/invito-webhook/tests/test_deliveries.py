"""What happens to a delivery: to receivers that take it, refuse it, are slow, or want nothing more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from invito_webhook.delivery_list import post_anew, resume
from invito_webhook.messages import message_of
from invito_webhook.outbox import claim_next as claim
from invito_webhook.outbox import gone_endpoints, put_in, release, sweep
from invito_webhook.outbox_database import OutboxDatabase
from invito_webhook.outbox_tables import DeliveryState
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from webhook_endpoints import CHANGED, NOW, AtWork, changed, deliveries_in, endpoint, settled
from webhook_receivers import Receiver, never

from invito.plugins import ParticipantsInvited

QUICKLY: dict[str, Any] = {"first_pause_seconds": 0.01}
ONE_DAY = timedelta(days=1)


async def test_what_is_refused_is_posted_again_as_it_was_until_it_is_taken(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [Response(status_code=500), PlainTextResponse("not now", 503)]

    async with at_work(endpoint(receiver.url), **QUICKLY) as webhooks:
        await webhooks.take(CHANGED)
        came = [await receiver.next() for _ in range(3)]
        (delivery,) = await settled(outbox_url, lambda found: found[0].state is DeliveryState.DELIVERED)

    assert len({(one.id, one.body) for one in came}) == 1
    assert (delivery.attempts, delivery.problem) == (3, None)


async def test_an_event_that_is_told_again_is_posted_once(at_work: AtWork, receiver: Receiver) -> None:
    async with at_work(endpoint(receiver.url)) as webhooks:
        for event in (CHANGED, CHANGED, changed(2)):
            await webhooks.take(event)
        came = [(await receiver.next()).content["data"]["revision"] for _ in range(2)]

    assert came == [1, 2]
    assert receiver.left() == []


async def test_events_of_one_follow_up_come_in_order_and_wait_for_no_other(at_work: AtWork, receiver: Receiver) -> None:
    receiver.answers["/"] = [Response(status_code=500), Response(status_code=500)]

    async with at_work(endpoint(receiver.url), requests_at_once=1, **QUICKLY) as webhooks:
        for event in (changed(1), changed(2), changed(3), changed(1, "other@nordlys.example")):
            await webhooks.take(event)
        came = [(await receiver.next()).content["data"] for _ in range(6)]

    revisions = [one["revision"] for one in came if one["follow_up_uid"] == CHANGED.follow_up_uid]
    assert sorted(revisions) == revisions
    assert {1, 2, 3} == set(revisions)
    assert {one["follow_up_uid"] for one in came} == {CHANGED.follow_up_uid, "other@nordlys.example"}


async def test_an_endpoint_is_told_of_what_it_wants_alone(at_work: AtWork, receiver: Receiver) -> None:
    wants = endpoint(f"{receiver.url}/", events={"participants.invited"})
    everything = endpoint(f"{receiver.url}/all", "all")

    async with at_work(wants, everything) as webhooks:
        await webhooks.take(CHANGED)
        await webhooks.take(ParticipantsInvited(CHANGED.follow_up_uid, ("employee:7",), NOW))
        invited = await receiver.next()
        both = [(await receiver.next("/all")).content["type"] for _ in range(2)]

    assert invited.content == {
        "type": "participants.invited",
        "timestamp": "2026-12-01T10:00:00.000000Z",
        "data": {"follow_up_uid": CHANGED.follow_up_uid, "references": ["employee:7"]},
    }
    assert both == ["follow_up.changed", "participants.invited"]
    assert receiver.left() == []


async def test_a_wish_for_a_pause_is_granted_and_nothing_else_is_posted_meanwhile(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [Response(status_code=429, headers={"Retry-After": "3600"})]
    asked_at = datetime.now(UTC)

    async with at_work(endpoint(f"{receiver.url}/"), endpoint(f"{receiver.url}/other", "other"), **QUICKLY) as webhooks:
        await webhooks.take(CHANGED)
        await settled(outbox_url, lambda found: any(one.problem for one in found))
        await webhooks.take(changed(2, "other@nordlys.example"))
        for _ in range(2):
            await receiver.next("/other")

    found = {(one.endpoint, one.follow_up_uid): one for one in await deliveries_in(outbox_url)}
    put_off, resting = found["crm", CHANGED.follow_up_uid], found["crm", "other@nordlys.example"]
    assert put_off.problem == "answered 429"
    assert put_off.next_at >= asked_at + timedelta(hours=1)
    assert (resting.attempts, resting.state) == (0, DeliveryState.WAITING)
    assert len(receiver.left()) == 1


async def test_an_endpoint_that_is_gone_gets_nothing_until_somebody_says_that_it_is_back(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [Response(status_code=410)]

    async with at_work(endpoint(f"{receiver.url}/"), endpoint(f"{receiver.url}/other", "other"), **QUICKLY) as webhooks:
        await webhooks.take(CHANGED)
        await settled(outbox_url, lambda found: any(one.problem == "answered 410" for one in found))
        await webhooks.take(changed(2))
        for _ in range(2):
            await receiver.next("/other")
        came_while_gone = receiver.left()
        gone = await in_outbox(outbox_url, gone_endpoints)
        await in_outbox(outbox_url, lambda connection: resume(connection, "crm"))
        came_then = [(await receiver.next()).content["data"]["revision"] for _ in range(2)]

    assert len(came_while_gone) == 1
    assert list(gone) == ["crm"]
    assert came_then == [1, 2]


async def test_one_that_never_answers_is_waited_for_no_longer_than_said(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [never]

    async with at_work(endpoint(receiver.url), request_seconds=0.3, first_pause_seconds=3600) as webhooks:
        await webhooks.take(CHANGED)
        (delivery,) = await settled(outbox_url, lambda found: found[0].problem is not None or found[0].attempts > 1)

    assert (delivery.problem, delivery.attempts) == ("no answer within 0.3 s", 1)


async def test_a_slow_endpoint_holds_up_no_other(at_work: AtWork, receiver: Receiver) -> None:
    receiver.answers["/slow"] = [never] * 100
    slow, other = endpoint(f"{receiver.url}/slow", "slow"), endpoint(receiver.url)

    async with at_work(slow, other, request_seconds=60, requests_at_once=1) as webhooks:
        for number in range(20):
            await webhooks.take(changed(1, f"{number}@nordlys.example"))
        await receiver.next("/slow")
        came = {(await receiver.next()).id for _ in range(20)}

    assert len(came) == 20
    assert receiver.left("/slow") == []


async def test_redirects_are_not_followed(outbox_url: str, at_work: AtWork, receiver: Receiver) -> None:
    receiver.answers["/"] = [RedirectResponse(f"{receiver.url}/elsewhere", 307)]

    async with at_work(endpoint(receiver.url), first_pause_seconds=3600) as webhooks:
        await webhooks.take(CHANGED)
        (delivery,) = await settled(outbox_url, lambda found: found[0].problem is not None)

    assert delivery.problem == "answered 307, and redirects are not followed"
    assert receiver.left("/elsewhere") == []


async def test_of_an_answer_that_does_not_end_a_short_beginning_is_kept(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"what\x1b[31m is\n\nwrong " * 100

    receiver.answers["/"] = [StreamingResponse(endless(), 500)]

    async with at_work(endpoint(receiver.url), first_pause_seconds=3600, request_seconds=60) as webhooks:
        await webhooks.take(CHANGED)
        (delivery,) = await settled(outbox_url, lambda found: found[0].problem is not None)

    assert delivery.problem == "answered 500"
    assert delivery.excerpt is not None
    assert delivery.excerpt.startswith("what [31m is wrong what")
    assert len(delivery.excerpt) <= 200


async def test_what_was_tried_for_long_enough_is_given_up_and_what_came_after_it_goes_on(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [Response(status_code=500)]

    async with at_work(endpoint(receiver.url), give_up_days=0.00001) as webhooks:
        await webhooks.take(changed(1))
        await webhooks.take(changed(2))
        revisions = [(await receiver.next()).content["data"]["revision"] for _ in range(2)]
        found = await settled(outbox_url, lambda found: found[1].state is not DeliveryState.WAITING)

    assert revisions == [1, 2]
    assert [one.state for one in found] == [DeliveryState.FAILED, DeliveryState.DELIVERED]


async def test_one_that_failed_is_posted_anew_when_somebody_asks(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [Response(status_code=500)]

    async with at_work(endpoint(receiver.url), give_up_days=0.00001) as webhooks:
        await webhooks.take(CHANGED)
        first = await receiver.next()
        (failed,) = await settled(outbox_url, lambda found: found[0].state is DeliveryState.FAILED)
        anew = await in_outbox(outbox_url, lambda connection: post_anew(connection, [failed.number, 999]))
        again = await receiver.next()

    assert anew == {failed.number}
    assert first.id == again.id


async def test_what_is_under_way_at_the_end_is_posted_again_at_the_next_start(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    receiver.answers["/"] = [never]

    async with at_work(endpoint(receiver.url), request_seconds=60) as webhooks:
        await webhooks.take(CHANGED)
        first = await receiver.next()
    async with at_work(endpoint(receiver.url), request_seconds=60):
        again = await receiver.next()

    assert first.id == again.id


async def test_an_address_that_is_not_public_is_not_posted_to(
    outbox_url: str, at_work: AtWork, receiver: Receiver
) -> None:
    inside = endpoint(receiver.url.replace("http", "https"), private=False)

    async with at_work(inside, first_pause_seconds=3600) as webhooks:
        await webhooks.take(CHANGED)
        (delivery,) = await settled(outbox_url, lambda found: found[0].problem is not None)

    assert delivery.problem == "the host has an address that is not public"


async def test_what_ended_long_ago_is_deleted_and_what_nobody_posts_is_given_up(outbox_url: str) -> None:
    database = OutboxDatabase(outbox_url)
    await database.make_tables()
    async with database.transaction() as connection:
        await put_in(connection, message_of(CHANGED), ["of before"])

    async with database.transaction() as connection:
        await sweep(connection, ONE_DAY, ONE_DAY)
    waiting = await deliveries_in(outbox_url)
    async with database.transaction() as connection:
        await sweep(connection, -ONE_DAY, ONE_DAY)
    failed = await deliveries_in(outbox_url)
    async with database.transaction() as connection:
        await sweep(connection, ONE_DAY, -ONE_DAY)
    deleted = await deliveries_in(outbox_url)
    await database.close()

    assert [one.state for one in waiting] == [DeliveryState.WAITING]
    assert [one.state for one in failed] == [DeliveryState.FAILED]
    assert deleted == []


async def test_a_delivery_that_was_claimed_and_left_is_claimed_again_after_the_lease(outbox_url: str) -> None:
    database = OutboxDatabase(outbox_url)
    await database.make_tables()
    async with database.transaction() as connection:
        await put_in(connection, message_of(CHANGED), ["crm"])

    claimed = []
    for lease in (ONE_DAY, ONE_DAY):
        async with database.transaction() as connection:
            claimed.append(await claim(connection, "crm", lease))
    assert claimed[0] is not None
    async with database.transaction() as connection:
        await release(connection, [claimed[0].claim])
    for lease in (-ONE_DAY, ONE_DAY):
        async with database.transaction() as connection:
            claimed.append(await claim(connection, "crm", lease))
    await database.close()

    assert [one and one.attempts for one in claimed] == [1, None, 2, 3]


async def test_two_who_claim_at_the_same_time_wait_for_each_other_at_nothing(postgres_url: str) -> None:
    database = OutboxDatabase(postgres_url)
    await database.make_tables()
    async with database.transaction() as connection:
        for number in range(2):
            await put_in(connection, message_of(changed(1, f"{number}@nordlys.example")), ["crm"])

    async with asyncio.timeout(30), database.transaction() as one, database.transaction() as other:
        first, second, third = (
            await claim(one, "crm", ONE_DAY),
            await claim(other, "crm", ONE_DAY),
            await claim(other, "crm", ONE_DAY),
        )
    await database.close()

    assert first is not None
    assert second is not None
    assert first.number != second.number
    assert third is None


async def in_outbox(url: str, work: Any) -> Any:
    """What a command does."""
    database = OutboxDatabase(url)
    async with database.transaction() as connection:
        done = await work(connection)
    await database.close()
    return done
