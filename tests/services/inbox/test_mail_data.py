"""A mail as it comes after DATA: to where it ends, without the dots that were doubled, in whatever pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from invito.services.inbox.mail_data import MailData
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES

# Of what ends lines and mails, or nearly does.
OCTETS = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"x", b"\r\n.", b".\r\n"]), max_size=30).map(b"".join)


@given(OCTETS, OCTETS, st.lists(st.integers(1, 6), max_size=60))
def test_a_mail_is_the_same_in_whatever_pieces_it_comes(written: bytes, behind: bytes, sizes: list[int]) -> None:
    mail = written.removesuffix(b"\r\n") + b"\r\n"
    doubled = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..").removeprefix(b"\r\n")

    data, rest = taken(doubled + b".\r\n" + behind, sizes)

    assert (bytes(data.mail), data.is_whole, data.length) == (mail, True, len(doubled) + 3)
    assert rest == behind


@given(OCTETS, st.lists(st.integers(1, 6), max_size=60))
def test_a_mail_ends_at_the_first_line_of_a_dot_alone(octets: bytes, sizes: list[int]) -> None:
    data, rest = taken(octets, sizes)

    lines = octets.split(b"\r\n")
    ends = b"." in lines[:-1]
    assert (rest is not None) == ends
    if ends:
        before = lines[: lines.index(b".")]
        assert bytes(data.mail) == b"".join(line.removeprefix(b".") + b"\r\n" for line in before)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([b"\r\n", b"\r\n..", b"x", b"\n"]), st.integers(1_000, 70_000))
def test_of_a_mail_beyond_the_bound_the_head_is_kept_and_the_length_known(part: bytes, size: int) -> None:
    data, piece = MailData(), part * size
    for _ in range(MOST_BYTES // len(piece) * 4 + 4):
        assert data.add(piece) is None
        assert len(data.mail) <= MOST_BYTES

    assert data.add(b"\r\n.\r\n") == b""
    assert (len(data.mail), data.is_whole) == (HEAD_BYTES, False)
    assert data.length > MOST_BYTES


def taken(octets: bytes, sizes: list[int]) -> tuple[MailData, bytes | None]:
    """What is made of the octets in pieces of these sizes and the rest in one; what is behind the end comes back."""
    data, start = MailData(), 0
    for size in sizes:
        rest = data.add(octets[start : start + size])
        start += size
        if rest is not None:
            return data, rest + octets[start:]
    return data, data.add(octets[start:])
