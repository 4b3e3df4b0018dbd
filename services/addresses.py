"""E-mail addresses: which are valid, and what makes two of them the same."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

# A local part of 64, an @ and a domain of 255 (RFC 5321 §4.5.3.1).
_MOST_CHARACTERS = 320
_KEPT = 10_000


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
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


@lru_cache(_KEPT)
def _on_the_wire(normalised: str) -> str:
    local, _, _ = normalised.rpartition("@")
    return f"{local}@{validate_email(normalised, check_deliverability=False, test_environment=True).ascii_domain}"


def address_key(address: str) -> str:
    """What addresses are compared by."""
    return address.lower()


def is_valid_address(address: str | None) -> bool:
    return normalised_address(address) is not None
