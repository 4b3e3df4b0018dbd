"""What was made before the first request lasts as long as the application: no garbage collector need look at it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# How many more are there when it looks for garbage among them: what a few pages of 1,000 rows make, not one of 50.
_NEW_OBJECTS = 20_000


@contextmanager
def lasting() -> Iterator[None]:
    """Whatever is there now is not looked at again until the end.

    Each page of some hundred rows makes the collector run, which would look at all modules and the schema each time.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
