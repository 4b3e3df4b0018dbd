"""A running Invito shows who is busy by their calendars at Radicale, and says unknown where one is away."""

from pathlib import Path

from calendar_peers import event, radicale

from examples.conftest import Houses
from tests.e2e.conftest import Server

FIND = """query ($during: TimeSpanInput) {
    availableParticipants(source: "employees", first: 3, during: $during) {
        nodes { reference email availability { state } } warnings { message } } }"""
DURING = {"start": "2031-03-04T10:00:00+01:00", "end": "2031-03-04T11:00:00+01:00"}


async def states(server: Server) -> dict[str, str]:
    found = (await server.ask(FIND, during=DURING))["availableParticipants"]
    assert found["warnings"] == []
    return {one["email"]: one["availability"]["state"] for one in found["nodes"]}


async def test_an_employee_is_busy_when_her_calendar_says_so(houses: Houses, tmp_path: Path) -> None:
    settings = tmp_path / "calendars.toml"
    with radicale(tmp_path) as peer:
        peer.make("/invito/busy/")
        peer.put("/invito/busy/", "1", *event("1", "20310304T093000Z", "20310304T113000Z"))
        settings.write_text("")
        caldav = {
            "INVITO_CALDAV_URL": peer.url,
            "INVITO_CALDAV_USER": "invito",
            "INVITO_CALDAV_TEMPLATE": "/invito/{address}/",
            "INVITO_CALDAV_CALENDARS": str(settings),
            "INVITO_CALDAV_FRESH_SECONDS": "0",
            # The machine may be busy with other tests.
            "INVITO_CALDAV_CALL_SECONDS": "20",
            "INVITO_PLUGIN_CALL_SECONDS": "30",
        }
        with houses.serve("invito-dav", "invito-caldav", **caldav) as server:
            first, second, third = await states(server)
        peer.make(f"/invito/{first.lower()}/")
        settings.write_text(f'"{second}" = "/invito/busy/"\n"{third}" = "/invito/"\n')
        with houses.serve("invito-dav", "invito-caldav", **caldav) as server:
            before = await states(server)
            peer.put(f"/invito/{first.lower()}/", "1", *event("1", "20310304T093000Z", "20310304T113000Z"))
            after = await states(server)

    assert before == {first: "FREE", second: "BUSY", third: "UNKNOWN"}
    assert after == {first: "BUSY", second: "BUSY", third: "UNKNOWN"}
