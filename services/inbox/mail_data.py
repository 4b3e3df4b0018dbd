"""A mail as SMTP brings it after DATA (RFC 5321 §4.1.1.4, §4.5.2), of which no more is kept than is needed.

Nothing is done for each line: a mail of blank lines alone has millions of them.
"""

from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES

# Lines end with CRLF and nothing else: nobody can hide commands behind an end that the server before us did not read.
_END = b"\r\n.\r\n"


class MailData:
    """Takes the bytes in whatever pieces they come. `mail` is the mail, or its head where it is not `is_whole`."""

    def __init__(self) -> None:
        self.mail = bytearray()
        self.is_whole = True
        # How many came, with the dots that were doubled on the way.
        self.length = 0
        # What may be the beginning of the end; at first, that DATA ended a line.
        self._undecided = b"\r\n"
        self._is_first = True

    def add(self, piece: bytes) -> bytes | None:
        """None while the mail goes on, else what came behind its end."""
        self.length += len(piece)
        octets = self._undecided + piece
        end = octets.find(_END)
        if end >= 0:
            rest = octets[end + len(_END) :]
            self.length -= len(rest)
            self._keep(octets[: end + 2])
            return rest
        undecided = next((size for size in range(len(_END) - 1, 0, -1) if octets.endswith(_END[:size])), 0)
        self._undecided = octets[len(octets) - undecided :]
        self._keep(octets[: len(octets) - undecided])
        return None

    def _keep(self, octets: bytes) -> None:
        if not octets or not self.is_whole:
            return
        kept = octets.replace(b"\r\n.", b"\r\n")
        self.mail += kept[2:] if self._is_first else kept
        self._is_first = False
        if len(self.mail) > MOST_BYTES:
            self.is_whole = False
            del self.mail[HEAD_BYTES:]
