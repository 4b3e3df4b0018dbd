"""Answers that a client may keep, and asks us about again: 304 where they are what they were (RFC 9110 §13)."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from invito.callers import VIEWER_HEADER

_TAG_BYTES = 16
# Kept by whoever asked alone, and used again only when we said that it still holds.
_KEPT = "private, no-cache"
_DEPENDS_ON = f"Accept, Accept-Language, Authorization, {VIEWER_HEADER}"


def with_validator(request: Request, answer: Response, told: bytes | None = None) -> Response:
    """The answer with an ETag of what it tells, or without a body where the client has it already.

    That is all that is in it where nothing else is said: what an operation cost is no part of what it tells.

    The tag is weak, since the same answer goes out compressed or not.
    """
    content = answer.headers["content-type"].encode() + (bytes(answer.body) if told is None else told)
    tag = f'"{sha256(content).hexdigest()[: 2 * _TAG_BYTES]}"'
    headers = {"ETag": f"W/{tag}", "Cache-Control": _KEPT, "Vary": _DEPENDS_ON}
    # Compared weakly, RFC 9110 §13.1.2: some that pass a tag on leave out its W/.
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
