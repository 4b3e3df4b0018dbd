"""`tag=value; tag=value`, as DKIM and DMARC write their records (RFC 6376 §3.2). Pure."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class TagSyntaxError(ValueError):
    """It is no such list."""


def read_tags(text: str) -> dict[str, str]:
    """The tags in their order, names in lower case, values without blanks around them.

    :raises TagSyntaxError: a tag has no name or no value, or is there twice.
    """
    tags: dict[str, str] = {}
    parts = text.split(";")
    for part in parts[:-1] if not parts[-1].strip() else parts:
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name):
            raise TagSyntaxError(f"“{part.strip()}” is no tag=value")
        if name.lower() in tags:
            raise TagSyntaxError(f"{name}= is there twice")
        tags[name.lower()] = value.strip()
    return tags
