"""JSON answers to requests that come to no GraphQL result: the shape of a GraphQL error, with an HTTP status."""

import uuid
from http import HTTPStatus

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.storage.faults import answer_to_fault

# What is said of a path that no route has.
_SAYS_NOTHING = HTTPStatus.NOT_FOUND.phrase
_WHAT_IS_THERE = (
    "Nothing is at this path. There are: / (what to try first), /graphql (queries and mutations by POST, "
    "subscriptions by websocket), /healthz and /readyz."
)

log = structlog.get_logger(__name__)


def error_answer(problem: Unanswerable, status: int = 200) -> Response:
    """No data and one error, with code, path, and the limit that was exceeded where there is one."""
    extensions: dict[str, object] = {"code": problem.code.value, "path": problem.path}
    if problem.limit is not None:
        extensions |= {"limit": problem.limit, "value": problem.value}
    body = {"data": None, "errors": [{"message": problem.message, "extensions": extensions}]}
    return Response(orjson.dumps(body), status, media_type="application/json")


def too_large(limit: int, value: int) -> Response:
    """A body of `value` bytes, as far as it was read."""
    message = f"The request's body is larger than {limit} bytes."
    return error_answer(Unanswerable(UnanswerableCode.LIMIT_EXCEEDED, message, limit=limit, value=value), 413)


async def answer_http_error(request: Request, problem: Exception) -> Response:
    """A request that the routes or the protocol refuse."""
    assert isinstance(problem, HTTPException)
    is_not_there = problem.status_code == 404
    code = UserErrorCode.NOT_FOUND if is_not_there else UserErrorCode.INVALID_INPUT
    message = _WHAT_IS_THERE if is_not_there and problem.detail == _SAYS_NOTHING else problem.detail
    if is_not_there and "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(message, 404, problem.headers)
    answer = error_answer(Unanswerable(code, message), problem.status_code)
    answer.headers.update(problem.headers or {})
    return answer


async def answer_failure(request: Request, problem: Exception) -> Response:
    """A mistake of ours; or a database that is away or full, which is none: 503 then, to be tried again."""
    # The first step alone: what follows may be a secret, as the token of an answer link is.
    return failure_answer(f"/{request.url.path.strip('/').partition('/')[0]}", problem)


def failure_answer(path: str, problem: Exception, **who: str) -> Response:
    """The answer to what raised; what went wrong is in the log, under the id that the answer tells."""
    fault = answer_to_fault(problem)
    if fault is not None:
        log.warning("the database failed", path=path, exception=type(problem).__name__, **who)
        return error_answer(fault, 503)
    id_ = uuid.uuid4().hex
    log.error("request failed", id=id_, path=path, exc_info=problem, **who)
    message = f"Something went wrong here. The log has it under {id_}."
    return error_answer(Unanswerable(UnanswerableCode.INTERNAL, message), 500)
