"""What somebody said beside an answer (ITIP.md, In, 7)."""

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.itip.understood import UnderstoodAttendee, UnderstoodComponent, UnderstoodMail

_MOST = 2_000
# Below these a program repeats the mail that is answered, or adds how to join its conference.
_BELOW_IS_NOT_ANSWER = ("-----Original", "________________________________", "-::~:~::~", "\n> ", "\nFrom: ", "\nFra: ")


def comment_on(
    mail: UnderstoodMail,
    component: UnderstoodComponent,
    attendee: UnderstoodAttendee | None,
    status: ParticipantStatus | None,
    description: str | None,
) -> str | None:
    """The first of: COMMENT, Google's beside the ATTENDEE, Apple's, X-COMMENT, a DESCRIPTION that is not the
    follow-up's own `description` sent back, and for a decline the mail's text, unless a program wrote it.
    """
    said = [*component.comments, attendee.comment if attendee else None, *component.private_comments]
    if component.description and not _is_ours(component.description, description):
        said.append(_own_words(component.description))
    if status is ParticipantStatus.DECLINED and not mail.is_auto_submitted and mail.text:
        said.append(_own_words(mail.text))
    return next((text.strip()[:_MOST] for text in said if text and text.strip()), None)


def _is_ours(theirs: str, ours: str | None) -> bool:
    """Whether it comes back, perhaps with something around it, whatever became of its blanks and line breaks."""
    wanted = "".join((ours or "").split()).casefold()
    return bool(wanted) and wanted[:500] in "".join(theirs.split()).casefold()


def _own_words(text: str) -> str:
    ends = [at for mark in _BELOW_IS_NOT_ANSWER if (at := text.find(mark)) >= 0]
    return text[: min(ends)] if ends else text
