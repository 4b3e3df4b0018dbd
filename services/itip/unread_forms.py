"""Forms in which a mail cannot be read here, though there may be an answer in it."""

from invito.services.itip.mail_tree import Part, file_name, leaves
from invito.services.itip.reasons import Reason

_OF_OUTLOOK = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_WRAPPED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})


def unread_form(mail: Part) -> Reason | None:
    """OUTLOOK_FORMAT, ENCRYPTED, or None: whoever looks at the mail is told why nothing came of it."""
    parts = list(leaves(mail))
    if any(one.get_content_type() in _OF_OUTLOOK or file_name(one).lower() == "winmail.dat" for one in parts):
        return Reason.OUTLOOK_FORMAT
    return Reason.ENCRYPTED if any(one.get_content_type() in _WRAPPED for one in parts) else None
