"""What was made before the first request lasts as long as the application: no garbage collector need look at it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """Whatever is there now is not looked at again until the end.

    Each page of some hundred rows makes the collector run, which would look at all modules and the schema each time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
