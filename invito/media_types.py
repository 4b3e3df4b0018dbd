"""Which of the media types that we answer in a client wants (RFC 9110 §12.5.1)."""

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

# Of those that a client wants equally, the first.
_OFFERED = (GRAPHQL_RESPONSE, JSON, EVENT_STREAM)
# Whoever takes anything may be an old client, and gets what all of them know.
_MEANT_BY = {"*/*": JSON, "application/*": JSON}


def wanted_media_type(accept: str | None) -> str | None:
    """The best of what the header `Accept` names; None where we have nothing of it."""
    weights = _weights(accept or "*/*")
    named = {_MEANT_BY[range_]: weights[range_] for range_ in _MEANT_BY if range_ in weights}
    # What is named itself counts more than what a wildcard says of it.
    named |= {offered: weights[offered] for offered in _OFFERED if offered in weights}
    best = max((offered for offered in _OFFERED if offered in named), key=lambda one: named[one], default=None)
    return best if best is not None and named[best] > 0 else None


def media_type_of(header: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case, and its parameters."""
    type_, *parameters = (part.strip().lower() for part in header.split(";"))
    pairs = (parameter.partition("=") for parameter in parameters)
    return type_, {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _weights(accept: str) -> dict[str, float]:
    ranges = (media_type_of(part) for part in accept.split(","))
    return {type_: _number(parameters.get("q", "1")) for type_, parameters in ranges}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
