"""An allow-list of documents: manifests of a folder, which are looked at whole before anything is answered."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from graphql import GraphQLError, GraphQLSchema

from invito.asked import Asked
from invito.documents.naming import SHA256_PREFIX, name_of, sha256_of
from invito.schema.document_reading import mistakes_in, told_of_limits
from invito.schema.operation_limits import OperationLimits
from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.language import translate

_APOLLO = "apollo-persisted-query-manifest"
_DIGITS = 64


class UntrustedManifest(Exception):
    """Manifests that cannot be used; `problems` says in sentences what is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class TrustedDocuments:
    """Knows the documents of an allow-list, and no others: `texts` by their SHA-256."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def of_folder(cls, folder: Path, schema: GraphQLSchema, limits: OperationLimits) -> "TrustedDocuments":
        """Those of all manifests in it, so that those of an older client may lie beside those of the new one.

        :raises UntrustedManifest: there is none, or one of its documents is not what its hash says, or not valid.
        """
        if not folder.is_dir():
            raise UntrustedManifest([f"{folder} is no folder."])
        try:
            files = sorted(folder.glob("*.json"))
            texts = {file.name: file.read_bytes() for file in files}
        except OSError as problem:
            raise UntrustedManifest([f"{folder} cannot be read: {problem.strerror}."]) from None
        if not texts:
            raise UntrustedManifest([f"{folder} has no manifest: invito trust FOLDER makes one of .graphql files."])
        documents: dict[str, str] = {}
        problems = []
        for name, text in texts.items():
            try:
                documents |= documents_of_manifest(name, text, schema, limits)
            except UntrustedManifest as problem:
                problems += problem.problems
        if problems:
            raise UntrustedManifest(problems)
        return cls(documents)

    def text_of(self, asked: Asked) -> str:
        """
        :raises Unanswerable: UNTRUSTED_DOCUMENT: it is not on the list.
        """
        name = name_of(asked) if asked.query is None else None
        text = self.texts.get(sha256_of(asked.query or "") if name is None else name.sha256)
        if text is None:
            message = translate("This document is not among those that are trusted here: ask whoever runs the service.")
            raise Unanswerable(UnanswerableCode.UNTRUSTED_DOCUMENT, message, () if name is None else name.path)
        return text


def documents_of_manifest(name: str, manifest: bytes, schema: GraphQLSchema, limits: OperationLimits) -> dict[str, str]:
    """The documents by their SHA-256, of which each is valid.

    :param name: that of its file, for the sentences.
    :raises UntrustedManifest: it is none, or one of its documents is not what its hash says, or not valid.
    """
    try:
        documents = _documents_of(manifest)
    except ValueError:
        wanted = "it should be a JSON object of documents by their SHA-256, or Apollo's list of operations"
        raise UntrustedManifest([f"{name} is no manifest: {wanted}."]) from None
    problems = [f"{name}: {problem}" for problem in _problems_of(documents, schema, limits)]
    if problems:
        raise UntrustedManifest(problems)
    return documents


def problem_of(text: str, schema: GraphQLSchema, limits: OperationLimits) -> str | None:
    """Why a document cannot be carried out, in a sentence; None where it can."""
    try:
        errors = mistakes_in(schema, text, limits)
    except GraphQLError as error:
        errors = [told_of_limits(error, text, limits)]
    if not errors:
        return None
    first, *others = errors
    line = f"line {first.locations[0].line}: " if first.locations else ""
    more = f" And {len(others)} more." if others else ""
    ending = "" if first.message.endswith((".", "?")) else "."
    return f"{line}{first.message}{ending}{more}"


def _problems_of(documents: Mapping[str, str], schema: GraphQLSchema, limits: OperationLimits) -> Iterator[str]:
    for named, text in documents.items():
        if sha256_of(text) != named:
            hint = "" if len(named) == _DIGITS else f" A SHA-256 has {_DIGITS} digits, and not {len(named)}."
            yield f"{named} is not the SHA-256 of its document.{hint}"
        elif problem := problem_of(text, schema, limits):
            yield f"{named} ({_begins(text)}): {problem}"


def _begins(text: str) -> str:
    return " ".join(text.split())[:40]


def _documents_of(manifest: bytes) -> dict[str, str]:
    """Documents by hash, as `invito trust`, GraphQL Code Generator and Relay write them, or as Apollo's tool does.

    Some put what GraphQL over HTTP has an id begin with before it, some do not.

    :raises ValueError: it is something else.
    """
    parsed = orjson.loads(manifest)
    if isinstance(parsed, dict) and parsed.get("format") == _APOLLO:
        try:
            parsed = {operation["id"]: operation["body"] for operation in parsed["operations"]}
        except (KeyError, TypeError) as problem:
            raise ValueError from problem
    if not isinstance(parsed, dict) or not all(isinstance(text, str) for text in parsed.values()):
        raise ValueError
    return {named.removeprefix(SHA256_PREFIX): text for named, text in parsed.items()}
