"""POST /mail/inbound: a mail as its raw bytes, from a program that may bring some (see `inbound_signature`)."""

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from invito.answers import error_answer
from invito.inbound_signature import BadSignature, SignatureCheck
from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.house import House
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES, Envelope, receive
from invito.services.inbox.values import MailOrigin

# Beyond the bound for a mail that is understood, so that one too large is shown and not only refused.
MOST_BROUGHT_BYTES = 16 * 1024 * 1024
_MOST_RECIPIENTS = 100

log = structlog.get_logger(__name__)


class InboundMail:
    """Answers 202 once the mail is kept, 503 where that has to wait: it should be brought again then.

    Of a mail beyond the bound its head is kept, as the other ways in do.

    The envelope is in `x-envelope-from` (empty for a bounce) and `x-envelope-to`, once for each recipient. They are not
    signed: where they may be tampered with on the way, leave them out and put Delivered-To into the mail.
    """

    def __init__(self, house: House, secret: str) -> None:
        self._house = house
        self._secret = secret

    async def __call__(self, request: Request) -> Response:
        try:
            check = SignatureCheck(self._secret, request.headers, self._house.now())
            raw, is_whole = await _read(request, check)
            check.end()
        except BadSignature as problem:
            return error_answer(Unanswerable(UnanswerableCode.UNAUTHENTICATED, f"{problem}."), 401)
        try:
            envelope = _envelope(request.headers)
            await receive(self._house, raw, MailOrigin.HTTP, envelope, is_whole=is_whole)
        except Exception as failure:  # the database may be away: who brought the mail brings it again
            log.warning("a mail could not be kept", error=type(failure).__name__)
            answer = error_answer(Unanswerable(UnanswerableCode.INTERNAL, "Bring it again in a moment."), 503)
            answer.headers["retry-after"] = "30"
            return answer
        return JSONResponse({"status": "kept"}, 202)


async def _read(request: Request, check: SignatureCheck) -> tuple[bytes, bool]:
    """The mail, or its head where it is too large; and whether it is whole. No more of it is kept in memory."""
    raw, is_whole = bytearray(), True
    async for piece in request.stream():
        check.add(piece)
        if is_whole:
            raw += piece
        if len(raw) > MOST_BYTES:
            is_whole = False
            del raw[HEAD_BYTES:]
    return bytes(raw), is_whole


def _envelope(headers: Headers) -> Envelope:
    sender = headers.get("x-envelope-from")
    recipients = headers.getlist("x-envelope-to")[:_MOST_RECIPIENTS]
    return Envelope(None if sender is None else _text(sender), tuple(map(_text, recipients)))


def _text(header: str) -> str:
    """Headers arrive as Latin-1, and addresses are written in UTF-8 (RFC 6531)."""
    return header.encode("latin-1").decode("utf-8", "replace")
