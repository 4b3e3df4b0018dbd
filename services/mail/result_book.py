"""The book in which deliveries write down what became of their mails: those that finish together, in one commit."""

import asyncio
from collections.abc import Sequence

from invito.services.house import House
from invito.services.mail.delivery_results import DeliveryResult
from invito.services.mail.recording import record_results
from invito.services.storage.faults import database_fault

_Entry = tuple[DeliveryResult, "asyncio.Future[bool]"]


class ResultBook:
    """Nobody waits for company: whoever comes first is written down at once, and who comes meanwhile, right after."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: list[_Entry] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, result: DeliveryResult) -> bool:
        """Write a result down; True when it is committed, False where another worker has the mail by now.

        :raises sqlalchemy.exc.SQLAlchemyError: it could not be, and nothing of it was.
        """
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((result, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="invito mail results")
        return await written

    async def _write_all(self) -> None:
        while self._waiting:
            entries, self._waiting = self._waiting, []
            await self._write(entries)

    async def _write(self, entries: Sequence[_Entry]) -> None:
        try:
            recorded = await record_results(self._house, [result for result, _ in entries])
        except Exception as problem:  # each delivery that waits gets it
            if len(entries) > 1 and database_fault(problem) is None:
                # One of them cannot be written down: that holds up no other.
                for entry in entries:
                    await self._write([entry])
                return
            for _, written in entries:
                if not written.done():
                    written.set_exception(problem)
            return
        for result, written in entries:
            if not written.done():
                written.set_result(result in recorded.ours)
        await self._house.changes.tell(recorded.topics)
        self._house.events.poke()
