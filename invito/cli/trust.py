"""`invito trust`."""

import asyncio
from pathlib import Path
from typing import Annotated

import orjson
import typer
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from invito.cli.ending import end, expected_problems
from invito.cli.plugin_option import Plugins, with_plugins
from invito.documents import UntrustedManifest
from invito.documents.naming import sha256_of
from invito.documents.trusted_documents import documents_of_manifest, problem_of
from invito.opening import load_plugins
from invito.operation_limits import operation_limits_of
from invito.plugin_parts import graphql_types_of
from invito.schema import build_schema
from invito.settings import Settings, read_settings

_ENDINGS = (".graphql", ".gql")
_SHARED = (
    "Each file is one document. Where files share fragments, have the client's code generator write the manifest, and "
    "name that: invito trust persisted-documents.json"
)


def trust(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder of .graphql files, each one document; or a manifest that the client's code generator wrote: "
            "a JSON object of documents by their SHA-256, or Apollo's persisted-query-manifest.json."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="The manifest to write; without it, trusted-documents.json there."),
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Write the manifest of a client's documents, which INVITO_TRUSTED_DOCUMENTS lets be carried out.

    A document is known by the SHA-256 of its text to the letter, as `sha256sum` tells it of a file: the newline at its
    end counts.
    """
    with expected_problems():
        settings = with_plugins(read_settings(), plugins)
        schema = asyncio.run(_schema(settings))
    is_folder = source.is_dir()
    manifest = output or (source if is_folder else source.parent) / "trusted-documents.json"
    try:
        texts = _texts_of_files(source, schema, settings) if is_folder else _texts_of_manifest(source, schema, settings)
    except UntrustedManifest as problem:
        end(*problem.problems, f"{manifest} is not written.")
    documents = {sha256_of(text): text for _, text in texts}
    try:
        manifest.write_bytes(orjson.dumps(documents, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except OSError as problem:
        end(f"{manifest} cannot be written: {problem.strerror}.")
    for name, text in texts:
        typer.echo(f"sha256:{sha256_of(text)}  {name}")
    are = "document is" if len(documents) == 1 else "documents are"
    typer.echo(f"{len(documents)} {are} in {manifest}.")


def _texts_of_manifest(manifest: Path, schema: GraphQLSchema, settings: Settings) -> list[tuple[str, str]]:
    """Its documents, each with the names of its operations before it.

    :raises UntrustedManifest: it is none, or something is wrong with one of its documents.
    """
    try:
        written = manifest.read_bytes()
    except OSError as problem:
        end(f"{manifest} cannot be read: {problem.strerror}.")
    documents = documents_of_manifest(manifest.name, written, schema, operation_limits_of(settings))
    return [(_operations_of(text), text) for text in documents.values()]


def _operations_of(text: str) -> str:
    operations = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
    return ", ".join(one.name.value if one.name else f"(a {one.operation.value})" for one in operations)


def _texts_of_files(folder: Path, schema: GraphQLSchema, settings: Settings) -> list[tuple[str, str]]:
    """What is in the files, to the letter, each with its path in the folder before it.

    :raises UntrustedManifest: something is wrong with one of them.
    """
    try:
        files = sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS)
        texts = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}
    except OSError as problem:
        end(f"{problem.filename} cannot be read: {problem.strerror}.")
    except UnicodeDecodeError:
        end(f"A file in {folder} is not in UTF-8.")
    if not texts:
        end(f"{folder} has no files that end in .graphql or .gql.")
    limits = operation_limits_of(settings)
    problems = {name: problem_of(text, schema, limits) for name, text in texts.items()}
    wrong = [f"{name}: {problem}" for name, problem in problems.items() if problem]
    if wrong:
        raise UntrustedManifest([*wrong, *([_SHARED] if any(" fragment " in one for one in wrong) else [])])
    return list(texts.items())


async def _schema(settings: Settings) -> GraphQLSchema:
    plugins = load_plugins(settings)
    try:
        return build_schema(await graphql_types_of(plugins))._schema
    finally:
        plugins.close()
