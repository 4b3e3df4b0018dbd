"""The process ends though threads that plugins made for themselves hang: Python would wait for them without end."""

import os
import sys
import threading
import time

import structlog

_PATIENCE_SECONDS = 3.0

log = structlog.get_logger(__name__)


def end_without_those_that_hang(code: int) -> None:
    """From now on the process has a few seconds to end by itself. To be called last, when all is closed."""
    threading.Thread(target=_end, args=(code,), name="invito end", daemon=True).start()


def _end(code: int) -> None:
    time.sleep(_PATIENCE_SECONDS)
    ours = (threading.main_thread(), threading.current_thread())
    hanging = [one.name for one in threading.enumerate() if not one.daemon and one not in ours]
    log.warning("threads of plugins hang and are left behind", threads=hanging)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
