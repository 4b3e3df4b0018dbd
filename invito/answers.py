"""JSON answers to requests that come to no GraphQL result: the shape of a GraphQL error, with an HTTP status."""

import uuid
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from invito.media_types import GRAPHQL_RESPONSE, JSON
from invito.result_body import Written
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.storage.faults import answer_to_fault, loggable_cause

# What is said of a path that no route has.
_SAYS_NOTHING = HTTPStatus.NOT_FOUND.phrase
_WHAT_IS_THERE = (
    "Nothing is at this path. There are: / (what to try first), /graphql (queries by GET and POST, mutations by POST, "
    "subscriptions by websocket and as server-sent events), {to_explore}/healthz and /readyz."
)


class RequestCode(Enum):
    """What is wrong with a request as HTTP has it."""

    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"


_CODES: dict[int, UserErrorCode | UnanswerableCode | RequestCode] = {
    401: UnanswerableCode.UNAUTHENTICATED,
    404: UserErrorCode.NOT_FOUND,
    405: RequestCode.METHOD_NOT_ALLOWED,
    406: RequestCode.NOT_ACCEPTABLE,
    415: RequestCode.UNSUPPORTED_MEDIA_TYPE,
}
# Of what has no data, by the code of its error; 400 for all others.
_STATUSES = {
    UnanswerableCode.UNAUTHENTICATED.value: 401,
    UnanswerableCode.RATE_LIMITED.value: 429,
    UnanswerableCode.INTERNAL.value: 500,
    UserErrorCode.SOURCE_UNAVAILABLE.value: 503,
}
# RFC 9110 §11.6.1 wants it beside a 401.
_SAY_WHO = {"WWW-Authenticate": "Bearer"}
# Without it, caches may keep a 404 or a 405 as they like (RFC 9111 §4.2.2); `with_validator` replaces it.
_NOT_KEPT = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)


def graphql_answer(written: Written, media_type: str) -> Response:
    """A GraphQL response. Where it has no data, nothing was carried out, and the status tells; not that of
    `application/json`, whose readers take any but 200 for the answer of some proxy."""
    body = written.body
    status = _status_of(body) if media_type == GRAPHQL_RESPONSE and "data" not in body else 200
    answer = Response(written.json, status, _NOT_KEPT, f"{media_type}; charset=utf-8")
    if status == 401:
        answer.headers.update(_SAY_WHO)
    if status == 429 and (seconds := _first_error_of(body).get("retryAfter")) is not None:
        # RFC 9110 §10.2.3: whole seconds.
        answer.headers["Retry-After"] = str(seconds)
    return answer


def error_body(problem: Unanswerable) -> dict[str, object]:
    """A GraphQL response without data: one error with code, path, and the limit that was exceeded, if any."""
    exceeded = {} if problem.limit is None else {"limit": problem.limit, "value": problem.value}
    return _error_body(problem.code, problem.message, path=problem.path, **exceeded)


def error_answer(problem: Unanswerable, status: int) -> Response:
    """The same with a status of its own."""
    return Response(orjson.dumps(error_body(problem)), status, _NOT_KEPT, JSON)


def too_large(limit: int, value: int) -> Response:
    """A body of `value` bytes, as far as it was read."""
    message = f"The request's body is larger than {limit} bytes."
    return error_answer(Unanswerable(UnanswerableCode.LIMIT_EXCEEDED, message, limit=limit, value=value), 413)


async def answer_http_error(request: Request, problem: Exception, *, to_explore: Sequence[str]) -> Response:
    """A request that the routes or the protocol refuse; where nothing is, it is told what there is.

    `to_explore` are the paths that are there for those who look around.
    """
    assert isinstance(problem, HTTPException)
    is_not_there = problem.status_code == 404
    code = _CODES.get(problem.status_code, UserErrorCode.INVALID_INPUT)
    headers = {**(problem.headers or {}), **_NOT_KEPT}
    message = problem.detail
    if is_not_there and message == _SAYS_NOTHING:
        explored = f"{' and '.join(to_explore)} (to explore), " if to_explore else ""
        message = _WHAT_IS_THERE.format(to_explore=explored)
    if is_not_there and "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(message, 404, headers)
    return Response(orjson.dumps(_error_body(code, message, path=())), problem.status_code, headers, JSON)


async def answer_failure(request: Request, problem: Exception) -> Response:
    """A mistake of ours; or a database that is away or full, which is none: 503 then, to be tried again."""
    # The first step alone: what follows may be a secret, as the token of an answer link is.
    prefix = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    path = request.url.path.removeprefix(prefix)
    return failure_answer(f"/{path.strip('/').partition('/')[0]}", problem)


def failure_answer(path: str, problem: Exception, **who: str) -> Response:
    """The answer to what raised; what went wrong is in the log, under the id that the answer tells."""
    fault = answer_to_fault(problem)
    if fault is not None:
        log.warning(
            "the database failed", path=path, exception=type(problem).__name__, **loggable_cause(problem), **who
        )
        return error_answer(fault, 503)
    id_ = uuid.uuid4().hex
    log.error("request failed", id=id_, path=path, exc_info=problem, **loggable_cause(problem), **who)
    message = f"Something went wrong here. The log has it under {id_}."
    body = _error_body(UnanswerableCode.INTERNAL, message, path=(), id=id_)
    return Response(orjson.dumps(body), 500, _NOT_KEPT, JSON)


def _error_body(code: Enum, message: str, **more: object) -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code.value, **more}}]}


def _status_of(body: Mapping[str, Any]) -> int:
    return _STATUSES.get(_first_error_of(body).get("code", ""), 400)


def _first_error_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it says beside its message."""
    told: Mapping[str, Any] = body["errors"][0].get("extensions", {})
    return told
