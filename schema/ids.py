"""Global ids: opaque to clients, unique over all types, base64url of "TypeName:own id" without padding."""

import base64
import binascii

import strawberry

# What a repository can look up: anything beyond is nobody's number.
_MOST_DIGITS = 18


def global_id(type_name: str, own: int | str) -> strawberry.ID:
    """The id of the object of this type that is known by `own` inside."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{type_name}:{own}".encode()).decode().rstrip("="))


def number_in(type_name: str, id_: str) -> int:
    """The number in an id of this type; 0, which nothing has, for any other text."""
    text = text_in(type_name, id_)
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or len(text) > _MOST_DIGITS:
        return 0
    return int(text)


def text_in(type_name: str, id_: str) -> str:
    """What follows the type name in an id of this type; empty, which nothing has, for any other text."""
    found, own = split(id_)
    return own if found == type_name else ""


def split(id_: str) -> tuple[str, str]:
    """The type name and the own id in a global id; both empty where it was not made by `global_id`."""
    try:
        text = base64.urlsafe_b64decode(id_ + "=" * (-len(id_) % 4)).decode()
    except (binascii.Error, ValueError):
        return "", ""
    type_name, separator, own = text.partition(":")
    # PostgreSQL has no NUL in a text, so nothing can be known by one.
    if not separator or "\0" in own or global_id(type_name, own) != id_:
        return "", ""
    return type_name, own
