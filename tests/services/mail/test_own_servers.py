"""What the servers of viewers' own mailboxes may hold of a worker, one of them and all together."""

from invito.services.mail.own_servers import OwnServers

KARIS, OLAS, EVAS = "smtps://kari.example", "smtps://ola.example", "smtps://eva.example"


def chosen(servers: OwnServers, *mails: str | None) -> list[str | None]:
    return servers.room.chosen(mails, lambda server: server)


def test_one_server_holds_a_third_and_all_together_two_thirds() -> None:
    servers = OwnServers(at_once=6)

    taken = chosen(servers, KARIS, KARIS, KARIS, OLAS, EVAS, OLAS, EVAS, None)

    assert taken == [KARIS, KARIS, OLAS, EVAS, None]


def test_what_a_server_holds_counts_until_it_lets_go() -> None:
    servers = OwnServers(at_once=6)
    servers.take(KARIS)
    servers.take(KARIS)

    assert (servers.room.full_servers, chosen(servers, KARIS)) == ([KARIS], [])
    servers.let_go(KARIS)
    assert (servers.room.full_servers, chosen(servers, KARIS)) == ([], [KARIS])


def test_many_slow_servers_leave_room_for_the_services_mail() -> None:
    servers = OwnServers(at_once=6)
    for server in (KARIS, KARIS, OLAS, EVAS):
        servers.take(server)

    assert servers.room.is_full
    assert chosen(servers, OLAS, None) == [None]


def test_a_worker_that_sends_one_at_a_time_sends_by_own_servers_too() -> None:
    assert chosen(OwnServers(at_once=1), KARIS) == [KARIS]
