"""What an operator sets about bearer tokens: whose they are, whom they are for, and what they say of the viewer."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from invito.variables import variable_of

SHORTEST_SECRET = 32


def long_enough(value: SecretStr | None) -> SecretStr | None:
    """
    :raises ValueError: the secret is shorter than `SHORTEST_SECRET` bytes.
    """
    if value is not None and len(value.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"should have at least {SHORTEST_SECRET} bytes")
    return value


class TokenSettings(BaseSettings):
    """The settings that are about bearer tokens."""

    jwt_secret: SecretStr | None = Field(
        None, description=f"The secret that tokens are signed with (HS256), at least {SHORTEST_SECRET} bytes."
    )
    jwt_jwks_url: str | None = Field(
        None, description="In place of a secret: where the keys of the tokens' issuer are published."
    )
    jwt_audience: str | None = Field(None, description="What a token's `aud` must name. Needed outside demo mode.")
    jwt_issuer: str | None = Field(None, description="What a token's `iss` must be. Needed outside demo mode.")
    jwt_email_claim: str = Field("email", min_length=1, description="The claim that holds the viewer's address.")
    jwt_email_verified_claim: str = Field(
        "email_verified",
        description="The claim that must be true, or the text `true` as some issuers write it, for the address to "
        "count; set to nothing where the issuer vouches for every address.",
    )
    jwt_administrator_claim: str | None = Field(
        None, description="The claim that makes an administrator, such as `roles`."
    )
    jwt_administrator_value: str = Field(
        "true", description="What that claim must be, or hold where it is a list, for an administrator."
    )

    @field_validator("jwt_jwks_url", "jwt_audience", "jwt_issuer", "jwt_administrator_claim")
    @classmethod
    def _no_text_is_not_set(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("jwt_secret")
    @classmethod
    def _secret_is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return long_enough(value)

    @model_validator(mode="after")
    def _one_kind_of_key(self) -> Self:
        if self.jwt_secret is not None and self.jwt_jwks_url is not None:
            raise ValueError("INVITO_JWT_SECRET and INVITO_JWT_JWKS_URL exclude each other: take one away")
        return self

    @property
    def missing_about_tokens(self) -> list[str]:
        """What has to be set besides outside demo mode, in sentences."""
        if self.jwt_secret is None and self.jwt_jwks_url is None:
            return ["INVITO_JWT_SECRET or INVITO_JWT_JWKS_URL is not set, so nobody could be known by a token."]
        unnamed = self.unnamed_in_tokens
        return [f"{name} is not set, so tokens made for other services would be taken." for name in unnamed]

    @property
    def unnamed_in_tokens(self) -> list[str]:
        """The variables that say whom tokens are for and of, as far as they are not set."""
        return [variable_of(name) for name in ("jwt_audience", "jwt_issuer") if getattr(self, name) is None]
