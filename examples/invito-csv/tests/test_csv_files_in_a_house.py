"""A file that is edited while Invito runs: whoever is new in it is offered."""

from pathlib import Path

from examples.conftest import Houses
from tests.e2e.conftest import Server

OFFERED = """{ availableParticipants(source: "csv") {
    nodes { reference name email } warnings { message } } }"""
HEADER = "id;name;email\n"


async def offered(server: Server) -> list[str]:
    found = (await server.ask(OFFERED))["availableParticipants"]
    assert found["warnings"] == []
    return [f"{one['reference']} {one['name']} {one['email']}" for one in found["nodes"]]


async def test_whoever_is_written_into_the_file_is_offered_next(houses: Houses, tmp_path: Path) -> None:
    board = tmp_path / "Board.csv"
    board.write_text(HEADER + "1;Kari Berg;kari@berg.example\n")

    with houses.serve("invito-csv", INVITO_CSV_FOLDER=str(tmp_path)) as server:
        before = await offered(server)
        with board.open("a") as file:
            file.write("2;Åse Ørjasæter;aase@fjord.example\n")
        after = await offered(server)

    assert before == ["csv:1 Kari Berg kari@berg.example"]
    assert after == [*before, "csv:2 Åse Ørjasæter aase@fjord.example"]


def test_without_a_folder_the_setting_is_asked_for(houses: Houses) -> None:
    houses.run("migrate", examples=("invito-csv",))

    shown = houses.run("plugins", "show", "csv", examples=("invito-csv",))

    assert "INVITO_CSV_FOLDER" in shown.stdout + shown.stderr
