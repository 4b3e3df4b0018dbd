"""What waits for full servers is walked past once in a while, and not by each claim."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from invito.services.mail.delivery_queue import claim_ready, give_back
from invito.services.mail.own_servers import OwnServersRoom
from invito.services.mail.passed_over import PassedOver, QueuePlace
from tests.services.conftest import NOON
from tests.services.mail.conftest import LEASE, with_own_mailbox

if TYPE_CHECKING:
    from invito.services.mail.values import ClaimedMail
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post, Sink

EARLY, LATE = QueuePlace(NOON, 7), QueuePlace(NOON, 9)


def full(*servers: str, together: int = 9) -> OwnServersRoom:
    return OwnServersRoom(1, together, dict.fromkeys(servers, 1))


def test_what_is_known_holds_while_the_same_servers_and_others_are_full() -> None:
    passed = PassedOver()
    passed.keep(full("a"), EARLY, NOON)
    passed.keep(full("a", "b"), LATE, NOON)

    assert passed.place(full("a"), NOON) == EARLY
    assert passed.place(full("a", "b", "c"), NOON) == LATE
    assert passed.place(full("a", "b", together=2), NOON) == LATE
    assert passed.place(full("b"), NOON) is None


def test_what_is_known_of_all_own_servers_says_nothing_of_some() -> None:
    passed = PassedOver()
    passed.keep(full("a", together=1), EARLY, NOON)

    assert passed.place(full("b", together=1), NOON) == EARLY
    assert passed.place(full("a"), NOON) is None


def test_what_is_known_is_so_for_a_while_and_until_it_is_forgotten() -> None:
    passed = PassedOver()
    passed.keep(full("a"), EARLY, NOON)
    passed.keep(full("a"), LATE, NOON + timedelta(seconds=9))

    assert passed.place(full("a"), NOON + timedelta(seconds=9)) == LATE
    assert passed.place(full("a"), NOON + timedelta(seconds=10)) is None
    passed.keep(full("a"), EARLY, NOON)
    passed.forget()
    assert passed.place(full("a"), NOON) is None


async def test_claims_begin_behind_what_waits_for_a_full_server(office: Office, post: Post, sink: Sink) -> None:
    await with_own_mailbox(office, sink)
    hers = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    his = await office.create(office.ref.per, office.ref.eva, by=office.ola, email_invitations=True)
    office.clock.go_on(hours=1)
    passed, room = PassedOver(), full(f"smtp+plain://127.0.0.1:{sink.port}")

    async def claimed(room: OwnServersRoom = room) -> list[ClaimedMail]:
        return await claim_ready(office.house, LEASE, 20, room, passed)

    first, second = await claimed(), await claimed()
    await give_back(office.house, first)
    # It is ready at its old place again, which nobody looks at for a while.
    third = await claimed()
    new = await office.create(office.ref.per, by=office.ola, email_invitations=True)
    office.clock.go_on(seconds=9)
    early = await claimed()
    office.clock.go_on(seconds=30)
    late = await claimed()
    with_room = await claimed(full())

    assert [mail.follow_up for mail in first] == [his, his]
    assert second == third == early == []
    assert [mail.follow_up for mail in late] == [his, his, new]
    assert [mail.follow_up for mail in with_room] == [hers]
