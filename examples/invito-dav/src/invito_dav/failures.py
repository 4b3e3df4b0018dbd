"""What can go wrong with a server."""


class DavFailure(Exception):
    """A server that could not be asked, or answered what cannot be used. The message holds nothing private.

    `status` is that of its answer, where it gave one.
    """

    def __init__(self, problem: str, status: int | None = None) -> None:
        super().__init__(problem)
        self.status = status


class ServerAway(DavFailure):
    """The server could not be reached, or did not answer: whatever else it would be asked now would go the same way."""
