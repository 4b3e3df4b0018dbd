"""The settings: who is told of what, and how long one tries."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from invito_webhook.messages import EVENT_TYPES, EventType
from invito_webhook.signing import key_of


def _checked_secret(secret: SecretStr) -> SecretStr:
    key_of(secret.get_secret_value())
    return secret


class Endpoint(BaseModel):
    """Where to post what. Its address may hold a token, and its secrets are ones: neither is ever shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")
    url: HttpUrl = Field(repr=False)
    secrets: tuple[Annotated[SecretStr, AfterValidator(_checked_secret)], ...] = Field(min_length=1, max_length=10)
    events: frozenset[EventType] = frozenset(EVENT_TYPES.values())
    private: bool = False

    @property
    def keys(self) -> list[bytes]:
        return [key_of(secret.get_secret_value()) for secret in self.secrets]

    @model_validator(mode="after")
    def _goes_safely(self) -> "Endpoint":
        if self.url.username or self.url.password:
            raise ValueError("a URL with a password is not taken: the signature says who posts")
        if self.url.scheme != "https" and not self.private:
            raise ValueError('http alone is for one\'s own network, which "private": true says it is; take https')
        return self


class WebhookSettings(BaseModel):
    endpoints: tuple[Endpoint, ...] = Field(
        (), description="Who is told: a list, as JSON, with names, addresses and secrets; nothing is posted without."
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///invito-webhook.sqlite3"),
        description="Where deliveries are kept: SQLite, or `postgresql://user@host/name` for several replicas.",
    )
    request_seconds: float = Field(10, gt=0, le=60, description="How long a request may take, all in all.")
    requests_at_once: int = Field(4, ge=1, le=50, description="Requests under way to each endpoint, in each process.")
    first_pause_seconds: float = Field(
        5,
        gt=0,
        le=3600,
        description="The pause after the first attempt. It doubles up to six hours, give or take a quarter.",
    )
    give_up_days: float = Field(3, gt=0, le=30, description="For how long a message is tried.")
    keep_days: float = Field(14, gt=0, le=365, description="How long deliveries are kept that were made or given up.")

    @property
    def first_pause(self) -> timedelta:
        return timedelta(seconds=self.first_pause_seconds)

    @property
    def give_up_after(self) -> timedelta:
        return timedelta(days=self.give_up_days)

    @property
    def keep(self) -> timedelta:
        return timedelta(days=self.keep_days)

    @field_validator("database_url")
    @classmethod
    def _can_be_read(cls, url: SecretStr) -> SecretStr:
        try:
            kind = make_url(url.get_secret_value()).get_backend_name()
        except ArgumentError:
            kind = ""
        if kind not in ("sqlite", "postgresql", "postgres"):
            raise ValueError("take sqlite:///path or postgresql://user@host/name")
        return url

    @field_validator("endpoints")
    @classmethod
    def _have_names_of_their_own(cls, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        if len({endpoint.name for endpoint in endpoints}) < len(endpoints):
            raise ValueError("two endpoints have one name: deliveries go by it")
        return endpoints
