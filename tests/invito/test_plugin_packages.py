"""`invito plugins new`: a package that is clean, passes its own tests, and is refused under a name that is taken."""

import subprocess
import sys
from pathlib import Path

import pytest

from invito.cli.plugins.package_names import BadName, PackageNames
from tests.invito.test_cli import invito

BIN = Path(sys.executable).parent


def done(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(params=["hotel", "invito-meeting-rooms", "x" * 40])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a package that was just written, under a short name, one of three words, and a very long one."""
    assert invito(tmp_path, "plugins", "new", request.param).returncode == 0
    return tmp_path / str(request.param)


def test_it_is_clean_to_a_linter_and_in_its_form_whatever_the_length_of_its_name(package: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        result = done(package, BIN / "ruff", *command)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("package", ["invito-meeting-rooms"], indirect=True)
def test_it_is_clean_to_a_strict_type_checker(package: Path) -> None:
    result = done(package, BIN / "mypy", "src", "tests")

    assert result.returncode == 0, result.stdout


def test_it_passes_its_own_tests(package: Path) -> None:
    result = done(
        package, sys.executable, "-c", "import sys, pytest; sys.path.insert(0, 'src'); sys.exit(pytest.main(['-rs']))"
    )

    assert result.returncode == 0, result.stdout
    assert "Facts(" not in result.stdout


def test_it_is_written_where_one_says_under_a_licence_of_ones_choice(tmp_path: Path) -> None:
    options = ["--directory", "plugins", "--license", "bsd-2-clause", "--author", 'Kari "K" Nordmann']
    written = invito(tmp_path, "plugins", "new", "hotel", *options)

    folder = tmp_path / "plugins" / "hotel"
    assert written.returncode == 0
    assert 'Kari "K" Nordmann\n' in (folder / "LICENSE").read_text()
    assert 'license = "BSD-2-Clause"' in (folder / "pyproject.toml").read_text()
    assert "pip install --editable 'plugins/hotel[dev]'" in written.stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Hotel", "is no name for a plugin"),
        ("hotel.no", "is no name for a plugin"),
        ("9lives", "is no name for a plugin"),
        ("../hotel", "is no name for a plugin"),
        ("x" * 41, "at most 40"),
        ("lambda", "is a word of Python itself"),
        ("match", "is a word of Python itself"),
        ("invito-person", "is taken by a source"),
    ],
)
def test_a_name_that_no_plugin_can_have_is_refused(name: str, reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        PackageNames.of(name, {"person"})


def test_a_name_whose_module_is_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "invito_hotel.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(BadName, match="module invito_hotel is there"):
        PackageNames.of("hotel", ())


def test_all_names_are_made_of_one() -> None:
    names = PackageNames.of("meeting-rooms", ())

    assert names == PackageNames(
        "meeting-rooms",
        "invito-meeting-rooms",
        "invito_meeting_rooms",
        "meeting_rooms",
        "MeetingRooms",
        "Meeting rooms",
    )


def test_the_keys_and_directories_of_sources_that_are_there_are_taken(tmp_path: Path) -> None:
    for name in ("employees", "person", "email"):
        refused = invito(tmp_path, "plugins", "new", name)

        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"{name!r} is taken by a source" in refused.stderr


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hotel").mkdir()

    refused = invito(tmp_path, "plugins", "new", "hotel")

    assert refused.returncode == 1
    assert "hotel is there already" in refused.stderr
    assert list((tmp_path / "hotel").iterdir()) == []
