"""What a mail goes out by: a protocol, and the two ways in which it can fail."""

from typing import Protocol

from invito.plugins.mail import OutgoingMail
from invito.services.mailboxes.problems import MailboxProblem


class DeliveryFailed(Exception):
    """A mail was not taken; `words` are the server's, or say what went wrong on the way to it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class PermanentFailure(DeliveryFailed):
    """The server refused this mail for good: it is never tried again."""


class TemporaryFailure(DeliveryFailed):
    """It is tried again later. `may_be_out`: the server had the mail, and nobody knows what became of it.

    `problem` is set where it is the server that cannot be used, whatever the mail.
    """

    def __init__(self, words: str, *, may_be_out: bool = False, problem: MailboxProblem | None = None) -> None:
        super().__init__(words)
        self.may_be_out = may_be_out
        self.problem = problem


class MailTransport(Protocol):
    """Hands mails over, several at once."""

    async def send(self, mail: OutgoingMail) -> str:
        """Hand the mail over; what the server said when it took it.

        :raises PermanentFailure: it will never take it.
        :raises TemporaryFailure: it does not take it now.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
