"""What can go wrong, in one vocabulary: what a person can mend, and what cannot be answered at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from invito.services.language import translate

Path = tuple[str, ...]


class UserErrorCode(Enum):
    """What went wrong in a way that the person at the screen can mend (F32)."""

    NOT_FOUND = "NOT_FOUND"
    NOT_OWNER = "NOT_OWNER"
    FORBIDDEN = "FORBIDDEN"
    INVALID_TIME = "INVALID_TIME"
    INVALID_TIME_ZONE = "INVALID_TIME_ZONE"
    INVALID_EMAIL = "INVALID_EMAIL"
    NO_VALID_EMAIL = "NO_VALID_EMAIL"
    IS_VIEWER = "IS_VIEWER"
    MAIL_NOT_CONFIGURED = "MAIL_NOT_CONFIGURED"
    MAILBOX_FAILED = "MAILBOX_FAILED"
    DUPLICATE = "DUPLICATE"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"
    STALE_VERSION = "STALE_VERSION"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    TOO_MANY = "TOO_MANY"
    CANCELLED = "CANCELLED"
    INVALID_INPUT = "INVALID_INPUT"


class UnanswerableCode(Enum):
    """Why there is no answer at all, beside the codes that a person can mend."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    INVALID_CURSOR = "INVALID_CURSOR"
    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    UNTRUSTED_DOCUMENT = "UNTRUSTED_DOCUMENT"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class UserError:
    """One thing to mend. `path` leads into the input: ("invitees", "3", "participant", "reference")."""

    code: UserErrorCode
    message: str
    path: Path = ()


def user_error(code: UserErrorCode, path: Path, message: str, /, **values: object) -> UserError:
    """An error with its message in the language of the request; `values` fill its {places}."""
    return UserError(code, translate(message).format(**values), path)


class InvitoError(Exception):
    """Everything that Invito raises on purpose."""


class Refusal(InvitoError):
    """A use case changed nothing, for these reasons."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class Unanswerable(InvitoError):
    """A question that cannot be answered. `limit` and `value` are set where one was exceeded."""

    def __init__(
        self,
        code: UnanswerableCode | UserErrorCode,
        message: str,
        path: Sequence[str] = (),
        *,
        limit: int | None = None,
        value: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = tuple(path)
        self.limit = limit
        self.value = value
