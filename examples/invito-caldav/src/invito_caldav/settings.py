"""Where calendars are, whose they are, and how they are asked."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from invito_dav import DavSettings, ServerUrl
from pydantic import Field, field_validator


class CalDavSettings(DavSettings):
    url: ServerUrl = Field(description="The server's address; those of calendars go on from it.")
    template: str = Field("", description="Where somebody's calendar is: {address} is their e-mail address.")
    calendars: Path | None = Field(
        None, description="A TOML file: the calendars of references and addresses, before the template."
    )
    report: Literal["auto", "free-busy", "events"] = Field(
        "auto", description="What is asked for: free-busy times, the events, or what the server can of these."
    )
    time_zone: ZoneInfo = Field(
        ZoneInfo("UTC"), description="Where whole days begin and end, for calendars that do not say: an IANA name."
    )
    fresh_seconds: float = Field(
        15, ge=0, description="For how long a calendar is not asked again whether it has changed."
    )
    call_seconds: float = Field(
        1.5, gt=0, description="How long is waited for calendars: less than INVITO_PLUGIN_CALL_SECONDS."
    )
    at_once: int = Field(8, gt=0, description="How many calendars are asked at once.")

    @field_validator("template")
    @classmethod
    def _of_somebody(cls, template: str) -> str:
        if template and "{address}" not in template:
            raise ValueError("should hold {address}, as in /{address}/calendar/")
        return template
