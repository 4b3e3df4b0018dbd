"""Event streams of a server that ends: they would last as long as their clients, which find another when cut off."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# What the scope of a request has whose answer is such a stream.
LASTS: Final = "invito.lasts"


class EndingStreams(HttpToolsProtocol):
    """Closes connections with event streams at once when the server ends; other answers have their time to go out."""

    def shutdown(self) -> None:
        super().shutdown()
        # There is none before the first request, whatever the type says.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete and LASTS in cycle.scope:
            self.transport.close()
