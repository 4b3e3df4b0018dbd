"""E-mail addresses: which are valid, and what makes two of them the same."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

# Of the local part (RFC 5321 §4.5.3.1.1), which may be UTF-8 (RFC 6531).
_MOST_OCTETS_BEFORE_THE_AT = 64
# That, an @ and a domain of 255 (RFC 5321 §4.5.3.1.2).
_MOST_CHARACTERS = 320
_KEPT = 10_000
# How long a signed tag is that goes into an address.
TAG_LETTERS = 26


def normalised_address(typed: str | None) -> str | None:
    """The address in its normal form, None where it is no valid one. Nothing is looked up in the network."""
    return _normalised(typed) if typed and len(typed) <= _MOST_CHARACTERS else None


def wire_address(typed: str | None) -> str | None:
    """The address as servers take it, its domain in ASCII (RFC 5890), None where it is no valid one.

    What is not ASCII then has a local part that needs SMTPUTF8 (RFC 6531).
    """
    normalised = normalised_address(typed)
    return None if normalised is None else _on_the_wire(normalised)


@lru_cache(_KEPT)
def _normalised(typed: str) -> str | None:
    try:
        # `test_environment` lets the reserved domain .test through, which tests and trials send to.
        address = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    # The library's own bound (`strict`) counts characters.
    return address.normalized if len(address.local_part.encode()) <= _MOST_OCTETS_BEFORE_THE_AT else None


@lru_cache(_KEPT)
def _on_the_wire(normalised: str) -> str:
    local, _, _ = normalised.rpartition("@")
    return f"{local}@{validate_email(normalised, check_deliverability=False, test_environment=True).ascii_domain}"


def address_key(address: str) -> str:
    """What addresses are compared by."""
    return address.lower()


def is_valid_address(address: str | None) -> bool:
    return normalised_address(address) is not None


def tagged(address: str, tag: str) -> str:
    """`local+TAG@domain` (RFC 5233), which a server delivers to `local@domain`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag}@{domain}"
