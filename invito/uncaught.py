"""What nobody caught is logged as all else is: Python itself would print it, with what people typed."""

import sys
import threading
from types import TracebackType

import structlog

log = structlog.get_logger(__name__)


def log_uncaught() -> None:
    """Have the log told of exceptions that end a thread or the program, or that come where nobody could catch them."""
    threading.excepthook = _in_thread
    sys.excepthook = _in_program
    sys.unraisablehook = _ignored


def _in_thread(failed: threading.ExceptHookArgs) -> None:
    # As Python has it: it is how a thread ends itself.
    if failed.exc_type is not SystemExit:
        log.error("a thread failed", thread=failed.thread and failed.thread.name, exc_info=failed.exc_value)


def _in_program(type_: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    if issubclass(type_, KeyboardInterrupt):
        sys.__excepthook__(type_, problem, trace)
    else:
        log.critical("the program failed", exc_info=problem)


def _ignored(failed: "sys.UnraisableHookArgs") -> None:
    # Not the object itself: how it shows itself may hold anything.
    of = getattr(failed.object, "__qualname__", type(failed.object).__qualname__)
    log.error("an exception was ignored", of=of, exc_info=failed.exc_value)
