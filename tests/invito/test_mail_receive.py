"""`invito mail receive` reads a mail to its end, and keeps no more of it than is needed."""

import io

import pytest

from invito.cli.mail.receive import read_bounded
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES


class Reading(io.BytesIO):
    """Says how much was asked for at once."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets)
        self.sizes: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.sizes.append(-1 if size is None else size)
        return super().read(size)


@pytest.mark.parametrize(
    ("length", "kept", "is_whole"),
    [(0, 0, True), (MOST_BYTES, MOST_BYTES, True), (MOST_BYTES + 1, HEAD_BYTES, False), (5_000_000, HEAD_BYTES, False)],
)
def test_a_mail_is_read_in_pieces_and_of_one_too_large_the_head_is_kept(length: int, kept: int, is_whole: bool) -> None:
    mail = Reading(b"x" * length)

    read = read_bounded(mail)

    assert (len(read[0]), read[1]) == (kept, is_whole)
    assert all(0 < size <= MOST_BYTES + 1 for size in mail.sizes)
    assert mail.tell() == length
