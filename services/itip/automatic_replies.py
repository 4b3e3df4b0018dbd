"""Mail that a program wrote because somebody is away (RFC 3834), by what such programs put into its head."""

from invito.services.itip.mail_tree import Part, header_values

_NAMED = ("Auto-Submitted", "X-Apple-Action", "Precedence")
_MARKS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Mail-Autoreply", "X-Vacation")
_PRECEDENCES = frozenset({"auto_reply", "auto-reply", "autoreply"})


def is_automatic_reply(mail: Part) -> bool:
    values = {name: " ".join(header_values(mail, name)).strip().lower() for name in _NAMED}
    return (
        values["Auto-Submitted"].startswith("auto-replied")
        or values["X-Apple-Action"] == "vacation"
        or values["Precedence"] in _PRECEDENCES
        or any(header_values(mail, *_MARKS))
    )
