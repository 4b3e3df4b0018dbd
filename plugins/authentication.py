"""What `invito_authenticate` is asked and answers: who asks, known another way than by bearer token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """What a request or a websocket connection brings along.

    `headers` by their names in lower case; `connection_init` holds the fields of a websocket's first message, which
    browsers use since they cannot give a websocket headers.
    """

    headers: Mapping[str, str] = field(repr=False)
    connection_init: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AuthenticatedViewer:
    """Somebody whose e-mail address is proved. `until` is a UTC instant: websockets and event streams end then."""

    email: str
    is_administrator: bool = False
    until: datetime | None = None
