"""What is logged to standard error, without personal data: one line of JSON a record, or of words on a terminal."""

import logging
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from invito.tracing import with_trace_id
from invito.uncaught import log_uncaught

_ROOT = str(Path(__file__).parent.parent)
# Where the event loop's own words end, and objects begin as they show themselves.
_OBJECTS = re.compile(r"[\n<]|\((?!\))")


def log_to_stderr(level: int = logging.INFO) -> None:
    """Have everything that is logged in this process, by whichever library, go to standard error in our form."""
    shared: Sequence[Processor] = (
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_trace_id,
        _where_it_was_raised,
        _without_text_of_traceback,
        _without_objects_of_loop,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=False)
                if sys.stderr.isatty()
                else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These tell of every migration and of every request that they make; what goes wrong they tell as warnings.
    for talkative in ("alembic", "asyncio", "httpcore2", "httpx2", "uvicorn", "websockets"):
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))
    # It tells of refused origins in words of its own settings: endpoint.py has ours.
    logging.getLogger("strawberry.ws").setLevel(max(level, logging.ERROR))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    log_uncaught()


def _where_it_was_raised(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    """The types of an exception and its causes, and the lines they came through.

    Not their messages, which hold what people typed: a database names the values that it refuses.
    """
    raised = record.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        record["exception"] = " < ".join(_line_of(problem) for problem in _with_causes(raised))
    return record


def _without_text_of_traceback(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    """uvicorn writes the traceback of a failed start as text, with the exception's message."""
    event = record.get("event")
    if isinstance(event, str) and event.startswith("Traceback (most recent call last)"):
        record["event"] = "the application failed to start"
        record["exception"] = event.rstrip().rpartition("\n")[2].partition(":")[0]
    return record


def _without_objects_of_loop(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    """asyncio writes out futures with their exception's message, and callbacks with what they are called with."""
    event = record.get("event")
    if record.get("logger") == "asyncio" and isinstance(event, str):
        record["event"] = _OBJECTS.split(event, maxsplit=1)[0].rstrip()
    return record


def _with_causes(problem: BaseException) -> list[BaseException]:
    found = [problem]
    while (cause := found[-1].__cause__ or found[-1].__context__) is not None and cause not in found:
        found.append(cause)
    return found


def _line_of(problem: BaseException) -> str:
    return f"{type(problem).__qualname__} at {_frames_of(problem.__traceback__)}"


def _frames_of(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return ", ".join(f"{frame.filename.removeprefix(_ROOT).lstrip('/')}:{frame.lineno}" for frame in reversed(frames))
