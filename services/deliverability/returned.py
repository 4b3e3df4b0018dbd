"""What the mail server that took the test mail in says of its sender (Authentication-Results, RFC 8601). Pure."""

from email import message_from_bytes
from email.policy import compat32

from invito.services.deliverability.findings import Finding, doubtful, good, wrong
from invito.services.itip.authentication import results_in

_OF_THE_SENDER = ("spf", "dkim", "dmarc")
_FAILED = frozenset({"fail", "hardfail", "permerror"})


def authentication_findings(raw: bytes, trusted_servers: frozenset[str]) -> list[Finding]:
    """What is to be said of the last server's header; nothing where it writes none."""
    headers = message_from_bytes(raw, policy=compat32).get_all("Authentication-Results", [])
    if not headers:
        return []
    # Each server writes above what the others wrote.
    server, results = results_in(" ".join(str(headers[0]).split()))
    if server not in trusted_servers:
        return [
            doubtful(
                f"Authentication-Results: your mail server writes them as {server}, and they do not count here.",
                f"Set INVITO_TRUSTED_MAIL_SERVERS={server}, so that forged answers are told from true ones.",
            )
        ]
    said = ", ".join(f"{method}={results[method]}" for method in _OF_THE_SENDER if method in results)
    if not said:
        return []
    if any(results.get(method) in _FAILED for method in _OF_THE_SENDER):
        return [
            wrong(f"Authentication-Results: {server} says {said} of the test mail.", "Mend what failed, as told here.")
        ]
    return [good(f"Authentication-Results: {server} says {said} of the test mail.")]
