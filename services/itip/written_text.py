"""What a person may have written in a mail, as plain text."""

from html.parser import HTMLParser

from invito.services.itip.mail_tree import Part, leaves, octets_of, parameter
from invito.services.itip.plain_text import decoded_text, several_lines

_MOST_OCTETS = 64 * 1024
_UNSEEN = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})


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
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Gathers the text; what is not to be seen is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = list[str]()
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
