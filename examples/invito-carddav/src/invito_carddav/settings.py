"""Where the address books are, and how often they are asked for."""

from invito_dav import DavSettings, is_safe_to_ask
from pydantic import Field, field_validator


class CardDavSettings(DavSettings):
    url: str = Field(description="An address book, a folder of address books, or the server's own address.")
    refresh_seconds: float = Field(60, gt=0, description="How often the server is asked what has changed.")
    request_seconds: float = Field(20, gt=0, description="How long the server may take to go on answering.")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        if not is_safe_to_ask(url):
            raise ValueError("should begin with https://, or http:// on this machine")
        return url
