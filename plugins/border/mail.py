"""Mail of plugins: texts, headers and files that cannot become another mail, and another way to send it."""

import re
from collections.abc import Sequence

from invito.plugins.border.reading import WrongAnswer, is_not, sequence_of
from invito.plugins.border.texts import check_text
from invito.plugins.mail import Attachment, MailMessage, MailTransport
from invito.plugins.texts import MOST_IN_NAME

_MOST_IN_SUBJECT = 1_000
_MOST_IN_TEXT = 500_000
_MOST_IN_REPLY = 1_000
_MOST_HEADERS = 50
# What a line of a mail may have (RFC 5322 §2.1.1), less the name.
_MOST_IN_HEADER = 900
_MOST_ATTACHMENTS = 10
# Many servers take ten megabytes, and base64 makes a third more of it.
_MOST_OCTETS = 5_000_000
_HEADER = re.compile(r"(?:X|List)-[A-Za-z0-9-]{1,60}|Importance|Keywords|Organization|Priority", re.IGNORECASE)
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
# Another object would be answered in place of ours, and a part of several or a mail is no file.
_NO_FILE = re.compile(r"text/calendar|application/ics|multipart/.*|message/.*")
_REFUSED_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def mail_message(answer: object, before: MailMessage) -> MailMessage:
    """The mail as it is to go: None leaves it as it was.

    :raises WrongAnswer: it is no MailMessage, or has what cannot stand in a mail.
    """
    if answer is None:
        return before
    if type(answer) is not MailMessage:
        raise is_not(answer, "a MailMessage or None")
    check_text("subject", answer.subject, _MOST_IN_SUBJECT)
    for field, text in (("text", answer.text), ("html", answer.html)):
        _check_long(field, text)
    headers = tuple(_header(number, one) for number, one in _numbered(answer.headers, _MOST_HEADERS, "headers"))
    files = tuple(_file(number, one) for number, one in _numbered(answer.attachments, _MOST_ATTACHMENTS, "attachments"))
    octets = sum(len(one.content) for one in files)
    if octets > _MOST_OCTETS:
        raise WrongAnswer(f"the attachments have {octets:,} octets, at most {_MOST_OCTETS:,} are sent")
    return MailMessage(answer.subject, answer.text, answer.html, headers, files)


def mail_transport(answer: object) -> MailTransport | None:
    """
    :raises WrongAnswer: it is neither None nor a MailTransport.
    """
    if answer is None or isinstance(answer, MailTransport):
        return answer
    raise is_not(answer, "a MailTransport or None")


def words_of_transport(answer: object) -> str:
    """What a transport said when it took a mail.

    :raises WrongAnswer: it is no text, so that nobody knows whether it did.
    """
    if type(answer) is not str:
        raise is_not(answer, "a str")
    return answer[:_MOST_IN_REPLY]


def _numbered(answer: object, most: int, what: str) -> Sequence[tuple[int, object]]:
    return list(enumerate(sequence_of(answer, most, what)))


def _check_long(field: str, text: object) -> None:
    if type(text) is not str:
        raise is_not(text, "a str").at(field)
    if len(text) > _MOST_IN_TEXT:
        raise WrongAnswer(f"{field} has {len(text):,} characters, at most {_MOST_IN_TEXT:,} are sent")
    found = _REFUSED_IN_TEXT.search(text)
    if found is not None:
        raise WrongAnswer(f"{field} has a character that is no text: U+{ord(found[0]):04X} at {found.start()}")


def _header(number: int, answer: object) -> tuple[str, str]:
    place = f"header {number}"
    if type(answer) is not tuple or len(answer) != 2:
        raise is_not(answer, "a tuple of a name and a value").at(place)
    name, value = answer
    if type(name) is not str or not _HEADER.fullmatch(name):
        raise WrongAnswer(f"{place}: its name is none that plugins may add (X-…, List-… and a few more)", name)
    check_text(f"{place}: its value", value, _MOST_IN_HEADER)
    return name, value


def _file(number: int, answer: object) -> Attachment:
    place = f"attachment {number}"
    if type(answer) is not Attachment:
        raise is_not(answer, "an Attachment").at(place)
    check_text(f"{place}: name", answer.name, MOST_IN_NAME)
    if "/" in answer.name or "\\" in answer.name:
        raise WrongAnswer(f"{place}: name is a path, where the name of a file is expected", answer.name)
    kind: object = answer.content_type
    if type(kind) is not str or not _CONTENT_TYPE.fullmatch(kind.lower()) or _NO_FILE.fullmatch(kind.lower()):
        raise WrongAnswer(f"{place}: content_type is none of a file", kind)
    if type(answer.content) is not bytes:
        raise is_not(answer.content, "bytes").at(f"{place}: content")
    return answer
