"""Errors: those that a person can mend, in payloads, and those for which there is no answer at all."""

import math
import re
import secrets
import traceback
from collections.abc import Iterable

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.utils.str_converters import to_camel_case

from invito.services import errors
from invito.services.budget import Balance
from invito.services.errors import Refusal, Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.language import translate
from invito.services.storage.faults import answer_to_fault, loggable_cause

# What Strawberry raises for a request that names no operation, or one that is not there.
_MISTAKES_OF_CLIENTS = (MissingQueryError, CannotGetOperationTypeError)

_SUGGESTION = re.compile(r" Did you mean .*\?$", re.DOTALL)

log = structlog.get_logger(__name__)


@strawberry.type(description="What went wrong in a way that the person at the screen can mend. Nothing was changed.")
class UserError:
    code: UserErrorCode = strawberry.field(description="Which sort of mistake it is.")
    message: str = strawberry.field(
        description="What is wrong and what to do, in the viewer's language, to be shown as it is."
    )
    path: list[str] = strawberry.field(
        description='Path into the input, such as ["invitees", "3", "participant", "reference"].'
    )


def user_errors(found: Iterable[errors.UserError]) -> list[UserError]:
    return [UserError(code=one.code, message=one.message, path=_path(one.path)) for one in found]


def answered(error: GraphQLError) -> GraphQLError:
    """The error as a client gets it: with a code, and without anything that was not meant for clients."""
    if "code" in (error.extensions or {}):
        return error
    original = _original(error)
    if isinstance(original, Unanswerable):
        exceeded = {"limit": original.limit, "value": original.value}
        told = {name: number for name, number in exceeded.items() if number is not None}
        return _coded(error, original.code, original.message, _path(original.path), **told)
    if isinstance(original, Refusal):
        first = original.errors[0]
        return _coded(error, first.code, first.message, _path(first.path))
    if isinstance(original, InvalidOperationTypeError):
        return _coded(error, UserErrorCode.INVALID_INPUT, needs_post(), [])
    if original is None or isinstance(original, _MISTAKES_OF_CLIENTS):
        return _coded(error, UserErrorCode.INVALID_INPUT, error.message, [])
    fault = answer_to_fault(original)
    if fault is not None:
        cause = loggable_cause(original)
        log.warning("the database failed", exception=type(original).__name__, path=error.path, **cause)
        return _coded(error, fault.code, fault.message, [])
    return _masked(error, original)


def unauthenticated() -> GraphQLError:
    """What everyone gets whom nobody knows."""
    return GraphQLError(
        translate("Nobody knows who asks: send a bearer token."),
        extensions={"code": UnanswerableCode.UNAUTHENTICATED.value, "path": []},
    )


def needs_stream() -> GraphQLError:
    """What answers a subscription that was to have one answer."""
    message = translate(
        "A subscription has many answers: accept text/event-stream, or use a websocket (graphql-transport-ws), "
        "at the same address."
    )
    return GraphQLError(
        message,
        extensions={"code": UserErrorCode.INVALID_INPUT.value, "path": []},
    )


def needs_post() -> str:
    """What answers a mutation by GET."""
    return translate("A mutation changes something: send it by POST, with a body of JSON.")


def too_many_operations(limit: int) -> GraphQLError:
    """What answers one operation more than a connection carries out at once."""
    message = translate("{limit} operations run over this connection, and no more at once: wait for one to end.")
    return beyond_limit(message, limit, limit + 1)


def introspection_disabled() -> GraphQLError:
    """What answers a question about the schema where nobody explores."""
    return GraphQLError(
        translate("The schema is not told here: whoever runs the service has switched that off."),
        extensions={"code": UnanswerableCode.INTROSPECTION_DISABLED.value, "path": []},
    )


def beyond_limit(message: str, limit: float, value: float) -> GraphQLError:
    """What answers a request as a whole that exceeds a limit; the message has a place for it."""
    return GraphQLError(
        message.format(limit=limit),
        extensions={"code": UnanswerableCode.LIMIT_EXCEEDED.value, "path": [], "limit": limit, "value": value},
    )


def took_too_long(limit: float, took: float) -> GraphQLError:
    """What answers an operation that was given up, in seconds: those that it may take, and those that it took."""
    message = translate(
        "It took longer than {limit} s and was given up: ask for less. A change is made whole or not at all: "
        "look before you repeat it."
    )
    milliseconds = math.ceil(took * 1_000) / 1_000
    return beyond_limit(message, _plain(limit), _plain(max(milliseconds, limit)))


def without_suggestion(error: GraphQLError) -> GraphQLError:
    """The error without the names that might have been meant."""
    error.message = _SUGGESTION.sub("", error.message)
    return error


def rate_limited(balance: Balance) -> GraphQLError:
    """What answers an operation for which the viewer has not enough left."""
    seconds = balance.retry_after_seconds
    if seconds is None:
        message = translate("This alone costs {cost}, and you may never ask for more than {limit}: ask for less.")
    else:
        message = translate("This costs {cost}, and of {limit} you have {left} left until {time}: ask again then.")
    return GraphQLError(
        message.format(
            cost=balance.requested, limit=balance.limit, left=balance.left, time=balance.renews_at.isoformat()
        ),
        extensions={
            "code": UnanswerableCode.RATE_LIMITED.value,
            "path": [],
            "limit": balance.limit,
            "value": balance.limit - balance.left + balance.requested,
            **({} if seconds is None else {"retryAfter": seconds}),
        },
    )


def _plain(number: float) -> float:
    """Without a fraction that is nothing."""
    return int(number) if number.is_integer() else number


def _masked(error: GraphQLError, original: Exception) -> GraphQLError:
    number = secrets.token_hex(8)
    # An exception's text may hold names and addresses: the places alone are for every log.
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(original.__traceback__)]
    log.error(
        "unexpected failure",
        error_id=number,
        exception=type(original).__name__,
        path=error.path,
        places=places,
        **loggable_cause(original),
    )
    log.debug("unexpected failure in full", error_id=number, exc_info=original)
    message = translate("Something went wrong here, not with you. It is logged as {number}.").format(number=number)
    return _coded(error, UnanswerableCode.INTERNAL, message, [], id=number)


def _coded(
    error: GraphQLError,
    code: UnanswerableCode | UserErrorCode,
    message: str,
    path: list[str],
    **more: int | str,
) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value, "path": path, **more},
    )


def _original(error: GraphQLError) -> Exception | None:
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def _path(path: Iterable[str]) -> list[str]:
    """Services name fields as Python does; clients know them in camel case."""
    return [to_camel_case(step) for step in path]
