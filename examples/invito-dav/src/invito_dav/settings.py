"""The settings that every server needs: where it is, who asks, and by which certificates it is known."""

from pathlib import Path
from typing import Annotated

from httpx2 import URL, InvalidURL
from pydantic import AfterValidator, BaseModel, Field, SecretStr

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def _safe(url: str) -> str:
    if not is_safe_to_ask(url):
        raise ValueError("should begin with https://, or http:// on this machine")
    return url


# The address that a plugin is given, which a password may go to.
ServerUrl = Annotated[str, AfterValidator(_safe)]


class DavSettings(BaseModel):
    """To be derived from. The password goes to the server of the plugin's own URLs alone."""

    user: str = Field("", description="Who asks; nobody in particular unless set.")
    password: SecretStr = Field(SecretStr(""), description="The password that goes with it.")
    ca_file: Path | None = Field(
        None, description="Certificates (PEM) of who vouches for the server, in place of those that the machine has."
    )


def is_safe_to_ask(url: str) -> bool:
    """Whether a password may go there: over TLS, or within this machine."""
    try:
        parsed = URL(url)
    except InvalidURL:
        return False
    return bool(parsed.host) and (
        parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in _THIS_MACHINE)
    )
