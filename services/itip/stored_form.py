"""An understood mail as JSON: so it comes out of the process that read it, and so it is stored."""

from pydantic import TypeAdapter

from invito.services.itip.understood import UnderstoodMail

_MAIL = TypeAdapter(UnderstoodMail)


def mail_as_json(mail: UnderstoodMail) -> bytes:
    return _MAIL.dump_json(mail, exclude_defaults=True)


def mail_from_json(stored: bytes | str) -> UnderstoodMail:
    """
    :raises ValueError: it was not written by `mail_as_json`.
    """
    return _MAIL.validate_json(stored)
