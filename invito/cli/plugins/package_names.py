"""The names of a new plugin's package, all of them made from the one that its author gives."""

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Self

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
_LONGEST = 40
_PREFIX = "invito-"


class BadName(Exception):
    """A name that no plugin can have; the message says why."""


@dataclass(frozen=True, slots=True)
class PackageNames:
    """What the package, its module, its source and the source's class are called.

    `key` is the source's key and the directory of its references too, so it stays for ever.
    """

    folder: str
    distribution: str
    module: str
    key: str
    class_name: str
    title: str

    @classmethod
    def of(cls, name: str, taken: Collection[str]) -> Self:
        """
        :param taken: keys and directories of the sources that are there.
        :raises BadName: it is no name, Python's own, or somebody else's already.
        """
        own = name.removeprefix(_PREFIX)
        key = own.replace("-", "_")
        if not _NAME.match(own) or len(own) > _LONGEST:
            raise BadName(
                f"{name!r} is no name for a plugin: lower-case letters and digits, - or _ between words, at most "
                f"{_LONGEST}, such as `hotel` or `meeting-rooms`."
            )
        if keyword.iskeyword(key) or keyword.issoftkeyword(key):
            raise BadName(f"{key!r} is a word of Python itself: take another name.")
        if key in taken:
            raise BadName(f"{key!r} is taken by a source that is there already: take another name.")
        words = key.split("_")
        names = cls(
            folder=name,
            distribution=_PREFIX + own.replace("_", "-"),
            module=f"invito_{key}",
            key=key,
            class_name="".join(word.capitalize() for word in words),
            title=" ".join(words).capitalize(),
        )
        if find_spec(names.module) is not None:
            raise BadName(f"The module {names.module} is there already: take another name.")
        return names
