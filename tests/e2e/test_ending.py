"""A server that is told to end does, whatever plugins hang in."""

import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import served

HANGING = """
import asyncio, threading
from concurrent.futures import ThreadPoolExecutor
from invito.plugins import Label, Source, hookimpl

class Hotel(Source):
    key, directories = "hotel", frozenset(("hotel",))
    label = container_label = all_label = Label("Hotel", "Hotell")
    offers_all = True

    {method}

@hookimpl
def invito_participant_sources():
    return [Hotel()]
"""
LIST = '{ availableParticipants(source: "hotel") { warnings { message } } }'


WAYS = {
    "of the loop": """async def participants(self, context, query):
        await asyncio.to_thread(threading.Event().wait)""",
    "of its own": """def participants(self, context, query):
        ThreadPoolExecutor().submit(threading.Event().wait).result()""",
}


@pytest.mark.parametrize("method", WAYS.values(), ids=WAYS.keys())
async def test_a_server_ends_when_it_is_told_to_though_a_source_hangs_in_a_thread(tmp_path: Path, method: str) -> None:
    file, log = tmp_path / "hotel.py", tmp_path / "log"
    file.write_text(HANGING.format(method=method))
    hasty = {"INVITO_PLUGIN_CALL_SECONDS": "0.2"}

    with served(f"sqlite:///{tmp_path}/a.sqlite3", log, "--demo", "--plugin", str(file), **hasty) as invito:
        answer = await invito.ask(LIST)
        invito.process.send_signal(signal.SIGTERM)
        try:
            ended = invito.process.wait(timeout=60)
        finally:
            invito.kill()

    (warning,) = answer["availableParticipants"]["warnings"]
    assert "did not answer within 0.2 seconds" in warning["message"]
    assert ended == 0, log.read_text()
