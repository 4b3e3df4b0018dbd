"""The kit as an author has it: pytest in a folder with a source, and nothing but Invito and pytest."""

import subprocess
import sys
from pathlib import Path

SOURCE = """
from invito.plugins import EntryPage, Label, Source, UnknownContainer, page_of_containers, page_of_entries
from invito.plugins import Entry, ParticipantKind

ROOMS = [Entry(f"hotel:{number}", ParticipantKind.RESOURCE, f"Room {number}") for number in range(101, 121)]

class Hotel(Source):
    key = "hotel"
    label = container_label = all_label = Label(en="Hotel", nb="Hotell")
    directories = frozenset({"hotel"})
    offers_all = True

    def __init__(self, rooms=ROOMS):
        self.rooms = rooms

    def containers(self, context, query):
        return page_of_containers([], query)

    def participants(self, context, query):
        if query.container is not None:
            raise UnknownContainer(query.container)
        return page_of_entries(self.rooms, query)

    def resolve(self, context, references):
        return [{room.reference: room for room in self.rooms}.get(reference) for reference in references]
"""


def run(folder: Path, tests: str, *arguments: str) -> str:
    """What pytest says of these tests, without any plugin but the kit's."""
    (folder / "hotel.py").write_text(SOURCE)
    imports = "import pytest\nfrom hotel import *\nfrom invito.plugins.testing import *\n"
    (folder / "test_hotel.py").write_text(imports + tests)
    others = [f"no:{name}" for name in ("asyncio", "timeout", "xdist", "anyio", "hypothesispytest")]
    without = [option for name in others for option in ("-p", name)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *without, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_source_is_given_as_an_attribute(tmp_path: Path) -> None:
    said = run(tmp_path, "class TestHotel(SourceContract):\n    source = Hotel()\n")

    assert "failed" not in said
    assert "passed" in said


def test_a_source_is_given_by_a_fixture_that_opens_it_on_the_kits_loop(tmp_path: Path) -> None:
    tests = """
async def opened():
    return Hotel()

@pytest.fixture
def invito_source(invito_loop):
    return invito_loop(opened())

class TestHotel(SourceContract):
    facts = Facts(reference="hotel:999")
"""
    said = run(tmp_path, tests)

    assert "1 failed" in said
    assert "'hotel:999' is resolved as None." in said


def test_what_is_not_checked_says_what_to_give(tmp_path: Path) -> None:
    said = run(tmp_path, "class TestHotel(SourceContract):\n    source = Hotel()\n")

    assert "Give how an entry of a name is added to what the source lists: Facts(add_entry=…)." in said
    assert "Give the reference of somebody who is there: Facts(reference=…)" in said


def test_a_broken_promise_is_told_in_one_sentence(tmp_path: Path) -> None:
    tests = "class TestHotel(SourceContract):\n    source = Hotel([ROOMS[0], ROOMS[0]])\n"
    said = run(tmp_path, tests, "-k", "nobody_is_listed_twice")

    assert "All lists ['hotel:101'] more than once." in said
    assert "Traceback" not in said
    assert "listing.py" not in said


def test_a_class_without_a_source_says_how_to_give_one(tmp_path: Path) -> None:
    said = run(tmp_path, "class TestHotel(SourceContract):\n    pass\n", "-k", "key")

    assert "Say which source is tried: `source = …` in the class" in said


def test_a_test_may_be_written_anew_under_its_name(tmp_path: Path) -> None:
    tests = """
class TestHotel(SourceContract):
    source = Hotel([ROOMS[0], ROOMS[0]])

    def test_nobody_is_listed_twice(self):
        pytest.xfail("the hotel lists a room by its beds")
"""
    said = run(tmp_path, tests, "-k", "nobody_is_listed_twice")

    assert "1 xfailed" in said


def test_tests_of_the_authors_own_ask_plain_and_async_methods_alike(tmp_path: Path) -> None:
    tests = """
class AsyncHotel(Hotel):
    async def resolve(self, context, references):
        return super().resolve(context, references)

@pytest.mark.parametrize("invito_source", [Hotel(), AsyncHotel()])
def test_a_room_is_resolved(invito_source, invito_ask):
    assert [one.name for one in invito_ask(invito_source.resolve, ["hotel:101"])] == ["Room 101"]

def test_a_context_is_at_hand(invito_context):
    assert invito_context.viewer is None

@pytest.fixture
def invito_source():
    return Hotel()
"""
    said = run(tmp_path, tests)

    assert "3 passed" in said
