"""Where the address books are, and how often they are asked for."""

from invito_dav import DavSettings, ServerUrl
from pydantic import Field


class CardDavSettings(DavSettings):
    url: ServerUrl = Field(description="An address book, a folder of address books, or the server's own address.")
    refresh_seconds: float = Field(60, gt=0, description="How often the server is asked what has changed.")
    request_seconds: float = Field(20, gt=0, description="How long the server may take for one answer.")
    read_seconds: float = Field(600, gt=0, description="How long it may take to ask for all that has changed.")
