"""The page of available participants as everybody beside Invito has it: by the bare driver, with the same SQL."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from benchmarks.bare import Bare
from invito.services.addresses import is_valid_address


async def available(
    bare: Bare, first: int, after: str | None, start: int, end: int
) -> tuple[list[dict[str, Any]], str]:
    """The entries after a cursor, busy or not in [start, end), and the last one's cursor."""
    key, _, number = (after or "|0").rpartition("|")
    rows = (await bare.page(key, int(number), first + 1))[:first]
    references = [f"employee:{row[0]}" for row in rows]
    busy: dict[str, list[dict[str, str]]] = defaultdict(list)
    for reference, _, begin, over, _ in await bare.busy(references, start, end):
        busy[reference].append({"start": _written(begin), "end": _written(over)})
    nodes = [
        {
            "reference": reference, "kind": "EMPLOYEE", "name": row[1], "email": row[3],
            "canReceiveEmail": is_valid_address(row[3]), "organization": None, "title": row[4],
            "availability": {"state": "BUSY" if reference in busy else "FREE", "conflicts": busy.get(reference, [])},
            "isInvited": False, "isAvailableAsParticipant": True,
        }
        for reference, row in zip(references, rows, strict=True)
    ]  # fmt: skip
    return nodes, f"{rows[-1][2]}|{rows[-1][0]}"


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
