"""Parts of mails, read again by Python's strict parser."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from invito.services.mail.mime_parts import base64_part, multipart, text_part

texts = st.text(st.sampled_from("=_-. \t\r\nFrom æ😀") | st.characters(exclude_categories=["Cs"]), max_size=300)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.strict)
    assert isinstance(message, EmailMessage)
    return message


def lines(text: str) -> list[bytes]:
    return text.encode().splitlines()


@given(texts)
def test_a_text_arrives_line_by_line_and_goes_out_in_short_lines_of_ascii(text: str) -> None:
    raw = text_part("plain", text)

    assert lines(read(raw).get_content()) == lines(text)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert not {*b"\r\n"}.intersection(raw.replace(b"\r\n", b""))


@given(st.binary(max_size=300))
def test_octets_arrive_as_they_are(content: bytes) -> None:
    raw = base64_part("Content-Type: application/ics\r\n", content)

    assert read(raw).get_payload(decode=True) == content
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(texts, texts)
def test_parts_stay_apart_whatever_they_say(one: str, other: str) -> None:
    inner = multipart("alternative", text_part("plain", one), text_part("html", other))

    message = read(multipart("mixed", inner, text_part("plain", "--=_mixed--\r\n--=_alternative")))

    found = [lines(part.get_content()) for part in message.walk() if not part.is_multipart()]
    assert found == [lines(one), lines(other), [b"--=_mixed--", b"--=_alternative"]]
