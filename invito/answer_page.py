"""The page that mails link to, for people without a calendar program: plain HTML, one form, no script (F18).

GET changes nothing, since mail programs and virus scanners open links before people do.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from invito.plugins.contract import Language
from invito.services.errors import Refusal, UserErrorCode, user_error
from invito.services.follow_ups.texts import MOST_IN_REASON
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.house import House
from invito.services.invitations.answering_by_link import LinkedInvitation, answer_by_link, invitation_of_link
from invito.services.language import current_language, language_of, translate
from invito.services.mail.wording import spoken_time

_ANSWERS = {
    "accept": ParticipantStatus.ACCEPTED,
    "tentative": ParticipantStatus.TENTATIVE,
    "decline": ParticipantStatus.DECLINED,
}
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# The address is a secret of the invitee's: it goes to no other server, into no cache and no index.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
# The page sends two; forms of programs that fill in more are none of ours.
_MOST_FIELDS = 20
_STATUS_OF = {UserErrorCode.NOT_FOUND: 404, UserErrorCode.INVALID_TIME: 410, UserErrorCode.CANCELLED: 410}


@dataclass(frozen=True, slots=True)
class _News:
    """What has just happened, or what is in the way."""

    text: str
    is_good: bool = False


class AnswerPage:
    """Shows the invitation that a link is for, and takes the answer."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, request: Request) -> Response:
        token = request.path_params["token"]
        language = language_of(request.headers.get("accept-language"), self._house.rules.language)
        current_language.set(language)
        form = _form(await request.body()) if request.method == "POST" else {}
        problems: tuple[str, ...] = ()
        status = 200
        try:
            if request.method == "POST":
                await self._answer(token, form)
        except Refusal as refusal:
            problems, status = _told(refusal)
        try:
            invitation = await invitation_of_link(self._house, token)
        except Refusal as refusal:
            problems, status = _told(refusal)
            return _page(language, problems, status)
        said = _thanks(form) if request.method == "POST" and not problems else None
        chosen = form.get("answer") or request.query_params.get("a")
        return _page(language, problems, status, invitation, said, chosen, form.get("reason", ""))

    async def _answer(self, token: str, form: dict[str, str]) -> None:
        answer = _ANSWERS.get(form.get("answer", ""))
        if answer is not None:
            await answer_by_link(self._house, token, answer, form.get("reason"))
            return
        raise _nothing_chosen()


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, as far as it is one: who sends more than the page has meant something else."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _thanks(form: dict[str, str]) -> str:
    """That the answer has arrived, and that a reason did not which goes with none but No."""
    thanks = translate("Thank you: your answer has arrived.")
    if form.get("answer") == "decline" or not form.get("reason", "").strip():
        return thanks
    return f"{thanks} {translate('What you wrote was not passed on: a reason goes with No alone.')}"


def _nothing_chosen() -> Refusal:
    return Refusal(user_error(UserErrorCode.INVALID_INPUT, ("answer",), "Choose an answer first."))


def _told(refusal: Refusal) -> tuple[tuple[str, ...], int]:
    status = _STATUS_OF.get(refusal.errors[0].code, 400)
    return tuple(error.message for error in refusal.errors), status


def _page(
    language: Language,
    problems: tuple[str, ...],
    status: int,
    invitation: LinkedInvitation | None = None,
    said: str | None = None,
    chosen: str | None = None,
    reason: str = "",
) -> Response:
    follow_up = None if invitation is None else invitation.follow_up
    can_answer = follow_up is not None and not follow_up.is_cancelled
    news = [_News(problem) for problem in dict.fromkeys(problems)]
    if follow_up is not None and follow_up.is_cancelled:
        news = [_News(translate("This is cancelled: there is nothing left to answer."))]
    elif said is not None:
        news = [_News(said, is_good=True), *news]
    page = _PAGES.get_template("answer.html").render(
        language=language.value,
        title=translate("Your invitation") if follow_up is None else follow_up.title,
        news=news,
        rows=[] if invitation is None else _rows(invitation, language),
        choices=_choices() if can_answer else [],
        chosen=chosen,
        question=translate("Will you take part?"),
        reason_label=translate("Why you decline, for the organizer (optional, with No alone)"),
        most_in_reason=MOST_IN_REASON,
        reason=reason,
        send=translate("Send the answer"),
    )
    return HTMLResponse(page, status, headers=_HEADERS)


def _choices() -> list[tuple[str, str]]:
    return [("accept", translate("Yes")), ("tentative", translate("Maybe")), ("decline", translate("No"))]


def _rows(invitation: LinkedInvitation, language: Language) -> list[tuple[str, str]]:
    follow_up, there = invitation.follow_up, invitation.participant
    rows = [
        (translate("When"), spoken_time(follow_up, follow_up.time_zone, language)),
        (translate("Where"), follow_up.location),
        (translate("Invited by"), follow_up.owner.name),
        (translate("About"), follow_up.description),
        (translate("Your answer so far"), translate(_MESSAGES[there.status])),
    ]
    return [(name, value) for name, value in rows if value]


_MESSAGES = {
    ParticipantStatus.NOT_SEEN: "None yet",
    ParticipantStatus.SEEN: "None yet",
    ParticipantStatus.ACCEPTED: "Yes",
    ParticipantStatus.TENTATIVE: "Maybe",
    ParticipantStatus.DECLINED: "No",
}
