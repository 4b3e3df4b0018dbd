"""What an operator sets, by environment variables with the prefix INVITO_."""

from ipaddress import ip_network
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from invito.mail_settings import MailSettings, Words, between_commas
from invito.plugins.contract import Language
from invito.token_settings import SHORTEST_SECRET, TokenSettings, long_enough
from invito.variables import PREFIX, variable_of

# Made with a key of its own at the first start of a demo, so that its links outlive a restart.
DEMO_KEYS_FILE = "var/secret-keys"
_BACKENDS = ("sqlite", "postgresql", "postgres")


class Settings(MailSettings, TokenSettings):
    """The settings of one process, read once at its start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True, extra="forbid")

    _is_demo: bool = PrivateAttr(default=False)
    database_url: str = Field(
        "sqlite:///invito.sqlite3",
        description="Where everything is kept: `sqlite:///path` or `postgresql://user:password@host/name`. "
        "In demo mode, where it is not set: `sqlite:///var/demo.sqlite3`.",
    )
    host: str = Field("127.0.0.1", description="The address to listen at.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen at; 0 takes any free one.")
    max_body_bytes: int = Field(1024 * 1024, ge=1024, description="The largest body that is read, but for mail.")
    explore: bool = Field(
        True,
        description="Whether the API may be explored: browsers are shown GraphiQL at `/graphql` and `/graphiql`, "
        "the schema is told (introspection, `/schema.graphql`), and errors suggest names.",
    )
    max_query_characters: int = Field(
        50_000,
        ge=1_000,
        description="How many characters a GraphQL document may have, blanks and comments among them.",
    )
    max_query_tokens: int = Field(
        2_000, ge=100, description="How many tokens (words, brackets, colons, comments) a GraphQL document may have."
    )
    max_query_fields: int = Field(
        300,
        ge=50,
        le=600,
        description="How many fields a document may have, those of a fragment once: all of one name are compared.",
    )
    max_query_depth: int = Field(12, ge=8, description="How deep fields may be, one within the other.")
    max_query_aliases: int = Field(30, ge=1, description="How many aliases an operation may have, spread ones too.")
    max_query_directives: int = Field(30, ge=1, description="How many directives an operation may have.")
    max_query_cost: int = Field(
        20_000,
        ge=1_000,
        description="What an operation may cost: one for each object, those of a page within a page once an item.",
    )
    budget_cost: int = Field(
        1_000_000,
        ge=0,
        description="What a viewer's operations may cost together in a while, in each process; 0: any amount.",
    )
    budget_seconds: float = Field(60.0, gt=0, description="How long that while is, from when they first ask.")
    operation_seconds: float = Field(10.0, gt=0, description="How long a query or a mutation may take.")
    max_page_size: int = Field(500, ge=50, le=10_000, description="How many items a page may have.")
    trusted_documents: str | None = Field(
        None,
        description="A folder of manifests, as `invito trust` writes them: only their documents are carried out then, "
        "and GraphiQL is not there.",
    )
    max_subscriptions: int = Field(
        20, ge=1, description="How many subscriptions a viewer may have open at once, in each process."
    )
    max_websocket_message_bytes: int = Field(
        64 * 1024, ge=1024, description="The largest message that is taken over a websocket."
    )
    websocket_init_seconds: float = Field(
        5.0, gt=0, description="How soon a websocket has to say who is there (`connection_init`)."
    )
    client_stall_seconds: float = Field(
        10.0, gt=0, description="After how long a connection is closed whose client reads nothing of what it is sent."
    )
    allowed_origins: Words = Field(
        (),
        description="Origins of pages that may ask and open a websocket, such as `https://crm.example`, with commas "
        "between; the service's own always may.",
    )
    trusted_proxies: Words = Field(
        (),
        description="Addresses or networks of reverse proxies, such as `127.0.0.1` or `10.0.0.0/8`, with commas "
        "between: their `X-Forwarded-For` and `X-Forwarded-Proto` are believed, nobody else's.",
    )
    demo_hosts: Words = Field(
        (),
        description="Names, with commas between, under which a demo answers besides `localhost`, `127.0.0.1` and "
        "`[::1]`: that of a port forward which has a name of its own. Whoever reaches it there may be anybody.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Where replicas tell each other of changes, in place of PostgreSQL's NOTIFY, when there are many: "
        "`redis://host:6379`. Install `invito[redis]` for it.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description=f"The bearer token, of at least {SHORTEST_SECRET} bytes, that Prometheus reads `/metrics` with; "
        "not set: it is not there.",
    )
    plugins: Words = Field(
        (), description="Plugins to load besides those of installed packages: modules, or files that end in `.py`."
    )
    plugin_folder: str | None = Field(None, description="A folder whose modules are loaded as plugins.")
    plugins_blocked: Words = Field(
        (), description="Plugins that are not loaded, by their name, their package or their file."
    )
    plugin_packages: bool = Field(
        True, description="Whether plugins of installed packages are loaded (entry points of the group `invito`)."
    )
    plugin_call_seconds: float = Field(2.0, gt=0, description="How long one call of a plugin may take.")
    plugin_start_seconds: float = Field(
        60.0,
        gt=0,
        description="How long a plugin's start may take; after as long as a call may the service opens without it.",
    )
    plugin_calls_at_once: int = Field(
        8, ge=1, description="How many calls of one plugin are made at once; others wait for their turn."
    )
    plugin_failures_in_a_row: int = Field(
        5, ge=1, description="After how many failures in a row a plugin is left alone for a while."
    )
    plugin_rest_seconds: float = Field(
        30.0, gt=0, description="How long it is left alone then, before it is tried with one call."
    )
    plugin_stale_seconds: float = Field(
        3_600.0,
        ge=0,
        description="How old the containers may be that a source listed before it went down, and that are shown with a "
        "warning; 0: never.",
    )
    plugin_stall_milliseconds: float = Field(
        100.0, gt=0, description="How long a plugin may hold up the event loop: then it is named and left alone."
    )
    max_invitees: int = Field(1_000, ge=1, description="How many can be invited in one call.")
    max_participants: int = Field(10_000, ge=1, description="How many can take part in one follow-up.")
    follow_up_url: str | None = Field(
        None, description="The page of a follow-up in your application, with `{id}` in place of its id."
    )
    time_zone: str = Field("Europe/Oslo", description="The IANA time zone of viewers who have none of their own.")
    language: Language = Field(Language.EN, description="The language where a viewer asks for none: `en` or `nb`.")
    administrators: Words = Field(
        (),
        description="Addresses of the administrators in demo mode, with commas between; `admin@nordlys.example` "
        "where it is not set.",
    )

    @field_validator(
        "allowed_origins",
        "trusted_proxies",
        "demo_hosts",
        "plugins",
        "plugins_blocked",
        "administrators",
        mode="before",
    )
    @classmethod
    def _between_commas(cls, value: object) -> object:
        return between_commas(value)

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin.rstrip("/"))
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
                raise ValueError(f"{origin!r} is no origin: write a scheme and a host, such as https://crm.example")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(
                    f"{network!r} is no address and no network: write one such as 127.0.0.1 or 10.0.0.0/8"
                ) from None
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in _BACKENDS:
            raise ValueError("should be sqlite:///path or postgresql://user:password@host/name")
        return value

    @field_validator(
        "follow_up_url",
        "plugin_folder",
        "trusted_documents",
    )
    @classmethod
    def _nothing_is_not_set(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("follow_up_url")
    @classmethod
    def _has_place_for_id(cls, value: str | None) -> str | None:
        if value and "{id}" not in value:
            raise ValueError("should have {id} where the follow-up's id belongs")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise ValueError("should be an IANA time zone, such as Europe/Oslo") from problem

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return long_enough(value)

    @property
    def has_graphiql(self) -> bool:
        """Whether browsers are shown GraphiQL, whose introspection nobody trusts where documents are trusted."""
        return self.explore and self.trusted_documents is None

    @property
    def is_demo(self) -> bool:
        """Whether they are those of a demo."""
        return self._is_demo

    def for_demo(self) -> Self:
        """The same for a demo: what is not set gets a value with which everything can be tried."""
        demo: dict[str, object] = {
            "database_url": "sqlite:///var/demo.sqlite3",
            "mail_from": "invito@nordlys.example",
            "mail_delay_seconds": 3.0,
            "administrators": ("admin@nordlys.example",),
        }
        if not self.secret_keys:
            demo["secret_keys_file"] = DEMO_KEYS_FILE
        if self.smtp_url is None:
            demo["mail_folder"] = "var/mail"
        copy = self.model_copy(
            update={name: value for name, value in demo.items() if name not in self.model_fields_set}
        )
        copy._is_demo = True
        return copy

    def reached_where_it_listens(self) -> Self:
        """For a demo: the same with a public URL, where nobody named one, which is right unless the port is taken."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        here = {"public_url": f"http://{host}:{self.port}"}
        return self if self.public_url else self.model_copy(update=here)

    @property
    def missing(self) -> list[str]:
        """What has to be set besides, outside demo mode, in sentences."""
        return [*self.missing_about_tokens, *self.missing_about_mail]


class SettingsError(Exception):
    """Settings that cannot be read; `problems` says of each what is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_settings(**given: object) -> Settings:
    """The settings of the environment; what is given here comes first.

    :raises SettingsError: a value is wrong.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]  # what the command line gives is checked like the rest
    except ValidationError as invalid:
        raise SettingsError([_problem(error["loc"], error["msg"]) for error in invalid.errors()]) from None


def _problem(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{variable_of(str(location[0]))}: {text}." if location else f"{text}."
