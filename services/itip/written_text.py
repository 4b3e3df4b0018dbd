"""What a person may have written in a mail, as plain text."""

import re
from html import unescape

from invito.services.itip.mail_tree import Part, leaves, octets_of, parameter
from invito.services.itip.plain_text import decoded_text, several_lines

_MOST_OCTETS = 64 * 1024
_UNSEEN = re.compile(r"<(style|script|head|title)\b", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def written_text(mail: Part) -> str | None:
    """The first text/plain that is no attachment, else what is to be seen of the first text/html."""
    parts = [part for part in leaves(mail) if part.get_content_disposition() != "attachment"]
    for content_type in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == content_type:
                text = decoded_text(octets_of(part)[:_MOST_OCTETS], parameter(part, "charset"))
                return several_lines(_text_of_html(text) if content_type == "text/html" else text) or None
    return None


def _text_of_html(html: str) -> str:
    """Without tags, for reading alone. Python's own parser takes its square of time for tags that do not end."""
    seen = "".join(_seen(html))
    text = unescape(_TAG.sub("", _BREAK.sub("\n", seen.replace("\n", " "))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _seen(html: str) -> list[str]:
    pieces, at = list[str](), 0
    while begin := _UNSEEN.search(html, at):
        pieces.append(html[at : begin.start()])
        end = re.compile(f"</{begin[1]}", re.IGNORECASE).search(html, begin.end())
        if end is None:
            return pieces
        at = end.start()
    return [*pieces, html[at:]]
