"""Keeps a snapshot of the address books, beside everything else, in a thread of its own."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from invito_dav import DavFailure, DavServer

from invito_carddav.books import AddressBooks
from invito_carddav.settings import CardDavSettings
from invito_carddav.snapshot import Snapshot, snapshot_of

# What is left of a call's time when waiting for the first snapshot is given up.
_REST_SECONDS = 0.2


class Keeper:
    """Asks what has changed every so often. Where that fails, what was there before stays, marked as old."""

    def __init__(self, settings: CardDavSettings, logger: Any) -> None:
        self._settings, self._logger = settings, logger
        self._snapshot: Snapshot | None = None
        self._problem: str | None = None
        self._has_asked = threading.Event()
        self._ends = threading.Event()

    def start(self) -> None:
        """Begin to ask.

        :raises OSError: the file of certificates cannot be read.
        """
        server = DavServer(self._settings.url, self._settings, self._settings.request_seconds)
        # What it is in the middle of is no reason for the process to stay.
        threading.Thread(target=self._keep, args=(server,), name="invito-carddav-keeper", daemon=True).start()

    def stop(self) -> None:
        self._ends.set()

    def snapshot(self, deadline: float) -> Snapshot:
        """What there is, waited for until shortly before an instant of `time.monotonic()` where there is nothing yet.

        :raises DavFailure: nothing was to be had so far.
        """
        self._has_asked.wait(max(0, deadline - _REST_SECONDS - time.monotonic()))
        if self._snapshot is None:
            raise DavFailure(self._problem or "has not answered yet")
        return self._snapshot

    def _keep(self, server: DavServer) -> None:
        books = AddressBooks(server, self._logger, lambda: datetime.now(UTC))
        with asyncio.Runner() as runner:
            while not self._ends.is_set():
                self._refresh(runner, books)
                self._has_asked.set()
                self._ends.wait(self._settings.refresh_seconds)
            runner.run(server.close())

    def _refresh(self, runner: asyncio.Runner, books: AddressBooks) -> None:
        before, problem = self._snapshot, None
        try:
            now: Snapshot | None = runner.run(self._refreshed(books, before or Snapshot()))
        except DavFailure as failure:
            now, problem = _aged(before), str(failure)
        except Exception as failure:  # the thread goes on, whatever a server made of its answer
            now, problem = _aged(before), f"cannot be understood ({type(failure).__name__})"
        if problem is not None and problem != self._problem:
            self._logger.warning("server cannot be asked: address books stay as they were", problem=problem)
        elif problem is None and self._problem is not None:
            self._logger.info("server answers again")
        self._snapshot, self._problem = now, problem

    async def _refreshed(self, books: AddressBooks, before: Snapshot) -> Snapshot:
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                return await books.refreshed(before)
        except TimeoutError as problem:
            raise DavFailure("did not tell in time what has changed") from problem


def _aged(snapshot: Snapshot | None) -> Snapshot | None:
    if snapshot is None:
        return None
    return snapshot_of(replace(book, is_old=True) for book in snapshot.books.values())
