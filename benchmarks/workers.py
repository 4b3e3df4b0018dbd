"""Workers of Invito, each a process of its own, that handle the mail of a database while a benchmark measures."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def working(url: str, count: int, **settings: str) -> Iterator[None]:
    """So many of them, with these settings besides those that mail needs."""
    named = {
        "INVITO_DATABASE_URL": url,
        "INVITO_MAIL_FROM": "invito@office.example",
        "INVITO_SECRET_KEYS": "a key of the benchmarks and of no other house",
    }
    environment = os.environ | named | {f"INVITO_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "invito", "worker"]
    processes = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
