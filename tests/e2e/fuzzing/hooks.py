"""What schemathesis has to know of Invito's schema, and a check of our own."""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, Response
from schemathesis.checks import CheckContext
from schemathesis.graphql import nodes

_ZONES = ("Europe/Oslo", "Africa/Casablanca", "Asia/Kathmandu", "UTC", "Nowhere/Else")
_DURATIONS = ("PT1H", "P1D", "PT0S", "P1Y2M3DT4H5M6S", "-PT1H", "P99999999D", "an hour")

schemathesis.graphql.scalar("TimeZone", st.sampled_from(_ZONES).map(nodes.String))
schemathesis.graphql.scalar("Duration", st.sampled_from(_DURATIONS).map(nodes.String))


@schemathesis.check
def nothing_unexpected(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Whatever is refused is refused with a code of docs/errors.md. INTERNAL is what nobody expected.

    schemathesis' own `not_a_server_error` takes every code for a server's fault that is none of Apollo's.
    """
    codes = [error.get("extensions", {}).get("code") for error in response.json().get("errors", ())]
    assert response.status_code < 500, response.text
    assert None not in codes, f"an error without a code: {response.text}"
    assert "INTERNAL" not in codes, f"a masked error: {response.text}"
