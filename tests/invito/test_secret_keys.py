"""The keys of tags, answer links and passwords: kept by who runs the service, or by a demo for itself."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from invito.secret_keys import keys_of
from invito.services.signing import Keyring, Purpose
from invito.settings import SettingsError, read_settings
from tests.invito.test_cli import TOKENS, invito

KEY, OTHER = "k" * 32, "o" * 32
WITHOUT_KEYS = {name: value for name, value in TOKENS.items() if name != "INVITO_SECRET_KEYS"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def knows(keys: Keyring, other: Keyring) -> bool:
    """Whether what the other signed is understood."""
    return keys.number_in(Purpose.FOLLOW_UP_TAG, other.tag(Purpose.FOLLOW_UP_TAG, 7)) == 7


@pytest.mark.parametrize("command", ["serve", "worker", "check"])
def test_outside_a_demo_nothing_starts_without_keys_and_it_is_said_how_to_make_one(
    tmp_path: Path, command: str
) -> None:
    done = invito(tmp_path, command, **WITHOUT_KEYS)

    assert done.returncode == 1
    assert "INVITO_SECRET_KEYS is not set" in done.stdout + done.stderr
    assert "secrets.token_urlsafe(32)" in done.stdout + done.stderr


def test_a_demos_links_outlive_a_restart(here: Path) -> None:
    first, second = (keys_of(read_settings().for_demo()) for _ in range(2))

    assert knows(second, first)


def test_each_demo_has_keys_of_its_own_that_nobody_else_can_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = keys_of(read_settings().for_demo())
    mode = stat.S_IMODE((here / "var" / "secret-keys").stat().st_mode)
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")

    another = keys_of(read_settings().for_demo())

    assert mode == 0o600
    assert not knows(another, one)


def test_processes_of_a_demo_that_start_at_once_have_the_same_keys(here: Path) -> None:
    settings = read_settings().for_demo()
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: keys_of(settings), range(32)))

    assert all(knows(keys[0], other) and knows(other, keys[0]) for other in keys)
    assert [file.name for file in (here / "var").iterdir()] == ["secret-keys"]


def test_a_demo_takes_the_keys_that_are_set(here: Path) -> None:
    by_variable = keys_of(read_settings(secret_keys=KEY).for_demo())
    (here / "keys").write_text(KEY)
    by_file = keys_of(read_settings(secret_keys_file="keys").for_demo())

    assert knows(by_variable, Keyring([KEY]))
    assert knows(by_file, Keyring([KEY]))
    assert not (here / "var").exists()


def test_of_the_keys_in_a_file_the_first_signs_and_all_are_understood(here: Path) -> None:
    (here / "keys").write_text(f"{KEY}\n{OTHER}\n\n")

    keys = keys_of(read_settings(secret_keys_file="keys"))

    assert knows(keys, Keyring([OTHER]))
    assert knows(Keyring([KEY]), keys)
    assert not knows(Keyring([OTHER]), keys)


@pytest.mark.parametrize("content", [None, b"", b"short\n", b"\xff" * 40])
def test_a_file_without_keys_stops_the_start_and_is_not_made(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    settings = WITHOUT_KEYS | {"INVITO_SECRET_KEYS_FILE": "keys"}

    served, checked = (invito(tmp_path, command, **settings) for command in ("serve", "check"))

    assert (served.returncode, checked.returncode) == (1, 1)
    assert "INVITO_SECRET_KEYS_FILE: keys " in served.stderr
    assert "INVITO_SECRET_KEYS_FILE: keys " in checked.stdout
    assert (tmp_path / "keys").exists() is (content is not None)


def test_keys_come_from_one_place() -> None:
    with pytest.raises(SettingsError, match="exclude each other"):
        read_settings(secret_keys=KEY, secret_keys_file="keys")
