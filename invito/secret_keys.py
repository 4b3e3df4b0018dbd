"""The keys that tags, answer links and passwords hang on: of the settings, of a file, or of the demo."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from invito.mail_settings import SHORTEST_KEY
from invito.services.signing import Keyring
from invito.settings import DEMO_KEYS_FILE, Settings, SettingsError

_ABOUT_THE_FILE = "INVITO_SECRET_KEYS_FILE: {file} {what}."


def keys_of(settings: Settings) -> Keyring:
    """The keys; where the settings name none, some that are gone with the process.

    :raises SettingsError: the file cannot be read, or holds none.
    """
    if settings.secret_keys:
        return Keyring([key.get_secret_value() for key in settings.secret_keys])
    if settings.secret_keys_file is None:
        return Keyring.fresh()
    file = Path(settings.secret_keys_file)
    if settings.secret_keys_file == DEMO_KEYS_FILE:
        _make(file)
    return Keyring(_read(file))


def _read(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").split()
    except OSError as problem:
        raise SettingsError([_ABOUT_THE_FILE.format(file=file, what=f"cannot be read: {problem.strerror}")]) from None
    except UnicodeDecodeError:
        raise SettingsError([_ABOUT_THE_FILE.format(file=file, what="is no text")]) from None
    if not lines or any(len(line) < SHORTEST_KEY for line in lines):
        what = f"should hold keys of at least {SHORTEST_KEY} characters, one a line, the newest first"
        raise SettingsError([_ABOUT_THE_FILE.format(file=file, what=what)])
    return lines


def _make(file: Path) -> None:
    """Make the file with a new key, for nobody else to read, where it is not there: of two at once, one makes it."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    mine = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with open(mine, "x", encoding="utf-8", opener=_for_owner_alone) as there:  # Path.open takes no opener
        there.write(f"{secrets.token_urlsafe(32)}\n")
    # Where another process was faster, its keys count.
    with suppress(FileExistsError):
        file.hardlink_to(mine)
    mine.unlink()


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
