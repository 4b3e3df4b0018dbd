"""Header lines: what Python's email library would write, and never more than one header."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import pytest

from invito.services.mail.header_lines import address_line, header_line


@pytest.mark.parametrize("utf8", [False, True])
@pytest.mark.parametrize("subject", ["Invitation: Budget", "Invitasjon: " + "Årsmøte for alle " * 8, ""])
def test_a_line_is_what_the_library_writes_of_a_whole_mail(subject: str, *, utf8: bool) -> None:
    message = EmailMessage(SMTPUTF8 if utf8 else SMTP)
    message["Subject"] = subject

    assert header_line("Subject", subject, utf8=utf8) + b"\r\n" == message.as_bytes()


def test_a_person_is_named_with_the_address() -> None:
    message = EmailMessage(SMTP)
    message["To"] = Address("Ola Åsen", "ola", "kunde.example")

    assert address_line("To", "Ola Åsen", "ola@kunde.example") + b"\r\n" == message.as_bytes()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("name", ["Subject", "Message-ID", "References"])
def test_the_end_of_a_line_begins_no_other_header(name: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        header_line(name, f"<1@x.example>{end}Bcc: all@x.example")


def test_an_address_with_the_end_of_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        address_line("To", "Ola", "ola@x.example\r\nBcc: all@x.example")
