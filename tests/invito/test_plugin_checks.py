"""`invito plugins check`: the kit's checks of a source as it is set up, read by people and by scripts."""

import re
from pathlib import Path

import pytest

from tests.invito.test_cli import invito

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def hotel(tmp_path: Path) -> Path:
    """A folder with the README's hotel, and an empty database."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    (tmp_path / "hotel.py").write_text(code)
    assert invito(tmp_path, "migrate").returncode == 0
    return tmp_path


def test_a_source_that_keeps_its_promises_is_reported_and_ends_well(hotel: Path) -> None:
    done = invito(hotel, "plugins", "check", "invito-hotel", "--plugin", "hotel", "--reference", "hotel:101")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "kept   Nobody is listed twice in one list." in done.stdout
    assert "kept   The reference that the author named is somebody" in done.stdout
    assert "not checked The source knows no calendars" in done.stdout
    assert " promises are kept, 0 broken," in done.stdout


def test_a_broken_promise_is_told_with_what_was_answered_and_ends_with_one(hotel: Path) -> None:
    code = (hotel / "hotel.py").read_text()
    (hotel / "hotel.py").write_text(code.replace("get(reference) for reference", "get(reference) for reference, _"))

    done = invito(hotel, "plugins", "check", "hotel", "--plugin", "hotel", "--source", "hotel")

    assert done.returncode == 1
    assert "broken Resolving answers in the order asked for, and twice where it is asked twice." in done.stdout
    assert "The source raised ValueError: too many values to unpack" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nobody"], "nobody brings no source here; company_person, employees"),
        (["employees", "--source", "rooms"], "employees has no source rooms, but employees."),
    ],
)
def test_what_is_not_there_is_told_with_what_is(hotel: Path, arguments: list[str], reason: str) -> None:
    done = invito(hotel, "plugins", "check", *arguments)

    assert done.returncode == 1
    assert reason in done.stderr


def test_a_plugin_is_started_with_its_settings_before_it_is_checked(hotel: Path) -> None:
    code = (hotel / "hotel.py").read_text()
    opening = """
from pydantic import BaseModel

class Settings(BaseModel):
    prefix: str

settings_model = Settings

@hookimpl
def invito_startup(context):
    print(f"opened {context.settings.prefix}")
"""
    (hotel / "hotel.py").write_text(code + opening)

    done = invito(hotel, "plugins", "check", "hotel", "--plugin", "hotel", INVITO_HOTEL_PREFIX="rooms")

    assert done.stdout.startswith("opened rooms")


@pytest.mark.parametrize(
    ("defined", "hangs"),
    [
        ("def participants", "import time; time.sleep(50)"),
        ("async def participants", "import asyncio; await asyncio.sleep(50)"),
        ("async def participants", "import asyncio, time; await asyncio.to_thread(time.sleep, 50)"),
    ],
    ids=["holding its thread", "awaiting", "awaiting a thread"],
)
def test_a_source_that_hangs_is_given_up_after_three_calls_and_the_process_ends(
    hotel: Path, defined: str, hangs: str
) -> None:
    code = (hotel / "hotel.py").read_text()
    code = code.replace("def participants", defined).replace(
        "if query.container is not", f"{hangs}\n        if query.container is not"
    )
    (hotel / "hotel.py").write_text(code)

    done = invito(hotel, "plugins", "check", "hotel", "--plugin", "hotel", INVITO_PLUGIN_CALL_SECONDS="0.2")

    assert done.returncode == 1
    assert done.stdout.count("`participants` was given up after 0.2 seconds without an answer") == 3
    assert "given up 3 checks in a row waited in vain" in done.stdout
    assert "promises are kept, 3 broken" in done.stdout


ROOMS = """
from pydantic import BaseModel
from invito.plugins import hookimpl

class settings_model(BaseModel):
    seats: int = 4

@hookimpl
def invito_startup(context):
    pass
"""


def test_check_tells_misspelt_settings_of_plugins_and_names_blocked_in_vain(tmp_path: Path) -> None:
    (tmp_path / "rooms.py").write_text(ROOMS)
    blocked = {"INVITO_PLUGINS_BLOCKED": "employes,project"}

    done = invito(tmp_path, "check", "--demo", "--plugin", "rooms.py", INVITO_ROOMS_SEAT="9", **blocked)

    assert "INVITO_ROOMS_SEAT is no setting: is INVITO_ROOMS_SEATS meant?" in done.stdout
    assert "INVITO_PLUGINS_BLOCKED names employes, and no plugin has that name: is employees meant?" in done.stdout
    assert "The sources are employees, company_person, selection, resource." in done.stdout


def test_check_says_that_nobody_is_known_where_no_source_lists_employees(tmp_path: Path) -> None:
    done = invito(tmp_path, "check", "--demo", INVITO_PLUGINS_BLOCKED="employees")

    assert "No source lists employees: nobody is known by an e-mail address." in done.stdout


def test_check_guesses_nothing_of_the_settings_of_a_plugin_that_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "rooms.py").write_text("raise RuntimeError")

    done = invito(tmp_path, "check", "--demo", "--plugin", "rooms.py", INVITO_ROOMS_SEATS="9")

    assert "Plugin rooms cannot be imported" in done.stdout
    assert "INVITO_ROOMS_SEATS" not in done.stdout


def test_plugins_list_warns_of_a_blocked_name_that_nothing_has(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")

    done = invito(tmp_path, "plugins", "list", INVITO_PLUGINS_BLOCKED="employes,project")

    assert done.returncode == 0
    assert "is employees meant?" in done.stderr
    assert "project" not in done.stdout
