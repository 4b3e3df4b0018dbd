"""The file that says which sources there are, and which queries answer for them (TOML)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from sqlalchemy import text

from invito.plugins import Label

# Those that come with the package, by name.
_READY = ("espocrm",)
_READS = re.compile(r"(\s|--[^\n]*\n|/\*.*?\*/|\()*(SELECT|WITH)\b", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BUSY_PARAMETERS = ("ids", "start", "end")


class WrongSourceFile(ValueError):
    """A source file that cannot be used as it is: the message names file, table and key, and says what to do."""


def _reads(query: str) -> str:
    if _READS.match(query) is None:
        raise ValueError("should begin with SELECT or WITH: the database is only read")
    return query.strip().removesuffix(";")


def _parameters_of(query: str) -> set[str]:
    return set(text(query).compile().params)


def _needs_nothing(query: str) -> str:
    surplus = _parameters_of(_reads(query))
    if surplus:
        raise ValueError(f"takes no parameters, and has :{min(surplus)} (write \\\\: for a colon within a text)")
    return _reads(query)


def _is_asked_for_ids(query: str) -> str:
    parameters = _parameters_of(_reads(query))
    surplus = parameters.difference(_BUSY_PARAMETERS)
    if surplus or "ids" not in parameters:
        wrong = f"it has :{min(surplus)}" if surplus else "it has no :ids"
        raise ValueError(f"takes :ids, :start and :end, and {wrong} (write \\\\: for a colon within a text)")
    # A list is put in with its brackets.
    return re.sub(r"\(\s*:ids\s*\)", ":ids", _reads(query))


Query = Annotated[str, AfterValidator(_needs_nothing)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LabelTable(_Table):
    en: str
    nb: str

    @property
    def label(self) -> Label:
        return Label(self.en, self.nb)


class Queries(_Table):
    """`everyone` lists the entries, `containers` and `members` who is in which list, `busy` who is when."""

    everyone: Query
    containers: Query | None = None
    members: Query | None = None
    busy: Annotated[str, AfterValidator(_is_asked_for_ids)] | None = None

    @model_validator(mode="after")
    def _come_together(self) -> Self:
        if (self.containers is None) != (self.members is None):
            missing = "containers" if self.containers is None else "members"
            raise ValueError(f"has no {missing}: containers and members come together")
        return self


class SourceTable(_Table):
    """What a source says of itself, and its queries."""

    label: LabelTable
    container_label: LabelTable | None = None
    all_label: LabelTable = LabelTable(en="All", nb="Alle")
    directory: str | None = None
    kind: Literal["employee", "person", "company", "resource", "other"]
    container_kind: Literal["user_group", "company", "person", "project", "selection", "resource_group", "other"] = (
        "other"
    )
    offers_all: bool = True
    is_searchable: bool = False
    searches_participants: bool = True
    replaces: str | None = None
    lists_employees: bool = False
    queries: Queries

    @model_validator(mode="after")
    def _can_be_chosen_from(self) -> Self:
        if self.queries.containers is None and not self.offers_all:
            raise ValueError("offers neither containers nor All: write queries.containers, or offers_all = true")
        if self.directory is not None and _KEY.fullmatch(self.directory) is None:
            raise ValueError("directory should be a plain word: small letters, digits and _")
        return self


class SourceFile(_Table):
    """The database's URL, without a password, and the sources by key."""

    url: str | None = None
    sources: Mapping[str, SourceTable]

    @model_validator(mode="after")
    def _has_sources(self) -> Self:
        if not self.sources:
            raise ValueError("has no [sources.KEY]")
        for key in self.sources:
            if _KEY.fullmatch(key) is None:
                raise ValueError(f"[sources.{key}]: the key should be a plain word: small letters, digits and _")
        return self


def read_source_file(name: str) -> SourceFile:
    """The file of this path, or the ready one of this name.

    :raises WrongSourceFile: it is not there, no TOML, or says what means nothing.
    """
    path = files("invito_sql") / f"{name}.toml" if name in _READY else Path(name)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        ready = ", ".join(_READY)
        raise WrongSourceFile(f"{name} cannot be read ({problem.strerror}): give a path, or one of {ready}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise WrongSourceFile(f"{name} is no TOML: {problem}") from None
    try:
        return SourceFile.model_validate(written)
    except ValidationError as invalid:
        raise WrongSourceFile("; ".join(_problems(name, invalid))) from None


def _problems(file: str, invalid: ValidationError) -> Iterator[str]:
    for error in invalid.errors():
        message = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            message = "there is no such key"
        yield f"{file}: {_place(tuple(map(str, error['loc'])))}{message}"


def _place(location: tuple[str, ...]) -> str:
    """`[sources.contacts.queries] busy: `"""
    # What is wrong with a whole source or its queries is said of the table, and of anything else of the key.
    tables = next((length for length in (3, 2) if _is_table(location[:length])), 0)
    table = f"[{'.'.join(location[:tables])}] " if tables else ""
    key = f"{'.'.join(location[tables:])}: " if location[tables:] else ""
    return table + key


def _is_table(location: tuple[str, ...]) -> bool:
    return location[:1] == ("sources",) and (len(location) == 2 or location[2:] == ("queries",))
