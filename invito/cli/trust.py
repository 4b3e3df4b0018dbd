"""`invito trust`."""

import asyncio
from pathlib import Path
from typing import Annotated

import orjson
import typer
from graphql import GraphQLSchema

from invito.cli.ending import end, expected_problems
from invito.cli.plugin_option import Plugins, with_plugins
from invito.documents.naming import sha256_of
from invito.documents.trusted_documents import problem_of
from invito.opening import load_plugins
from invito.plugin_parts import graphql_types_of
from invito.schema import build_schema
from invito.settings import Settings, read_settings

_ENDINGS = (".graphql", ".gql")
_SHARED = "Each file is one document. Where files share fragments, have the client's code generator write the manifest."


def trust(
    folder: Annotated[Path, typer.Argument(help="A folder of .graphql files, each one document.")],
    output: Annotated[
        Path | None, typer.Option(help="The manifest to write; without it, trusted-documents.json in the folder.")
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Write the manifest of a client's documents, which INVITO_TRUSTED_DOCUMENTS lets be carried out."""
    manifest = output or folder / "trusted-documents.json"
    with expected_problems():
        settings = with_plugins(read_settings(), plugins)
        schema = asyncio.run(_schema(settings))
    texts = _texts_of(folder)
    problems = {name: problem_of(text, schema, settings.max_query_tokens) for name, text in texts.items()}
    wrong = [f"{name}: {problem}" for name, problem in problems.items() if problem]
    if wrong:
        end(*wrong, *([_SHARED] if any(" fragment " in one for one in wrong) else []), f"{manifest} is not written.")
    documents = {sha256_of(text): text for text in texts.values()}
    try:
        manifest.write_bytes(orjson.dumps(documents, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except OSError as problem:
        end(f"{manifest} cannot be written: {problem.strerror}.")
    for name, text in texts.items():
        typer.echo(f"sha256:{sha256_of(text)}  {name}")
    typer.echo(f"{len(documents)} documents are in {manifest}.")


def _texts_of(folder: Path) -> dict[str, str]:
    """What is in the files, to the letter, by their paths in the folder."""
    try:
        files = sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS)
        texts = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}
    except OSError as problem:
        end(f"{problem.filename} cannot be read: {problem.strerror}.")
    except UnicodeDecodeError:
        end(f"A file in {folder} is not in UTF-8.")
    if not texts:
        end(f"{folder} has no files that end in .graphql or .gql.")
    return texts


async def _schema(settings: Settings) -> GraphQLSchema:
    plugins = load_plugins(settings)
    try:
        return build_schema(await graphql_types_of(plugins))._schema
    finally:
        plugins.close()
