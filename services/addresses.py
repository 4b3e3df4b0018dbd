"""E-mail addresses: which are valid, and what makes two of them the same."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email


@lru_cache(maxsize=100_000)
def normalised_address(typed: str | None) -> str | None:
    """The address in its normal form, None where it is no valid one. Nothing is looked up in the network."""
    if not typed:
        return None
    try:
        # `test_environment` lets the reserved domain .test through, which tests and trials send to.
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


@lru_cache(maxsize=100_000)
def wire_address(typed: str | None) -> str | None:
    """The address as servers take it, its domain in ASCII (RFC 5890), None where it is no valid one.

    What is not ASCII then has a local part that needs SMTPUTF8 (RFC 6531).
    """
    normalised = normalised_address(typed)
    if normalised is None:
        return None
    local, _, _ = normalised.rpartition("@")
    return f"{local}@{validate_email(normalised, check_deliverability=False, test_environment=True).ascii_domain}"


def address_key(address: str) -> str:
    """What addresses are compared by."""
    return address.lower()


def is_valid_address(address: str | None) -> bool:
    return normalised_address(address) is not None
