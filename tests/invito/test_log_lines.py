"""What is logged is one line a record, and holds nothing that people typed."""

import json
import os
import pty
import subprocess
import sys

_PROGRAM = """
import logging
import structlog
from invito.log_lines import log_to_stderr

log_to_stderr()

def fail(typed):
    raise ValueError(f"cannot take {typed}")

try:
    fail("canary")
except ValueError as problem:
    structlog.get_logger("ours").error("failed", id=3, exc_info=problem)
    try:
        raise KeyError("canary") from problem
    except KeyError:
        logging.getLogger("theirs").exception("failed over\\ntwo lines")
logging.getLogger("theirs").debug("canary")
logging.getLogger("uvicorn.error").error("Traceback (most recent call last):\\n  File x\\nValueError: canary\\n")
"""


def test_on_a_terminal_a_record_is_a_line_of_words() -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", _PROGRAM], stderr=theirs, check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        said = terminal.read(100_000).decode()

    assert "[error    ] failed" in said
    assert "id=3" in said
    assert "{" not in said
    assert "canary" not in said


def test_every_record_is_one_line_that_tells_where_something_was_raised_and_not_with_what() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)

    ours, theirs, start = (json.loads(line) for line in done.stderr.splitlines())
    assert (ours["event"], ours["level"], ours["id"]) == ("failed", "error", 3)
    assert ours["exception"].startswith("ValueError at <string>:")
    assert "KeyError" in theirs["exception"]
    assert "ValueError" in theirs["exception"]
    assert (start["event"], start["exception"]) == ("the application failed to start", "ValueError")
    assert "canary" not in done.stderr


_UNCAUGHT = """
import asyncio
import threading
from invito.log_lines import log_to_stderr

log_to_stderr()

def fail(typed):
    raise ValueError(f"cannot take {typed}")

async def failing(typed):
    fail(typed)

class Failing:
    def __repr__(self):
        return "canary"
    def __del__(self):
        fail("canary")

async def main():
    asyncio.create_task(failing("canary"))
    asyncio.get_running_loop().call_soon(fail, "canary")
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(main())
thread = threading.Thread(target=fail, args=["canary"], name="fetcher")
thread.start()
thread.join()
threading.Thread(target=exit).start()
Failing()
fail("canary")
"""


def test_what_nobody_caught_is_one_line_too_that_tells_where_and_not_with_what() -> None:
    done = subprocess.run([sys.executable, "-c", _UNCAUGHT], capture_output=True, text=True, check=False)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert sorted(line["event"] for line in lines) == [
        "Exception in callback fail",
        "Task exception was never retrieved",
        "a thread failed",
        "an exception was ignored",
        "the program failed",
    ]
    assert all(line["exception"].startswith("ValueError at <string>:") for line in lines)
    assert "canary" not in done.stderr


def test_whoever_stops_the_program_by_hand_is_shown_what_python_shows() -> None:
    program = "from invito.log_lines import log_to_stderr; log_to_stderr(); raise KeyboardInterrupt"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
