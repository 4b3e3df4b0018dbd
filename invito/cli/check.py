"""`invito check`."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from invito.cli.database_files import check_access, is_missing_file
from invito.cli.database_standing import none_yet, problem_of, where
from invito.cli.ending import DATABASE_PROBLEMS, database_problem
from invito.cli.findings import findings_console, show
from invito.cli.plugin_option import Plugins, with_plugins
from invito.documents import TrustedDocuments, UntrustedManifest, documents_of
from invito.misspelt_settings import misspelt
from invito.opening import blocked_names_of_none, load_plugins
from invito.plugin_parts import graphql_types_of
from invito.plugin_places import places_of
from invito.plugins.discovery import PluginPlaces, names_of_plugins
from invito.plugins.failures import PluginError
from invito.plugins.plugin_settings import variables_of
from invito.plugins.shown_settings import shown_settings
from invito.schema import build_schema
from invito.secret_keys import keys_of
from invito.services.deliverability.findings import Finding, Outcome
from invito.services.storage import migrating
from invito.settings import Settings, SettingsError, read_settings
from invito.signing_keys import KeysUnavailable, PublishedKeys


def check(
    demo: Annotated[bool, typer.Option("--demo", help="Check for `invito serve --demo`.")] = False,
    plugins: Plugins = None,
) -> None:
    """Look at settings, database and plugins: what is wrong, and how to mend it. Ends with 1 where something is."""
    console = findings_console()
    has_failed = False
    for finding in _findings(demo, plugins):
        has_failed |= finding.outcome is Outcome.WRONG
        show(console, finding)
    raise typer.Exit(1 if has_failed else 0)


def _findings(demo: bool, plugins: Sequence[str] | None) -> Iterator[Finding]:
    try:
        settings = with_plugins(read_settings(), plugins)
    except SettingsError as problem:
        yield from (Finding(Outcome.DOUBTFUL, sentence) for sentence in misspelt(not_loaded=_names_in(PluginPlaces())))
        yield from (Finding(Outcome.WRONG, sentence) for sentence in problem.problems)
        return
    if demo:
        settings = settings.for_demo()
    yield from _about_settings(settings, demo)
    yield asyncio.run(_about_database(settings))
    if settings.jwt_jwks_url:
        yield asyncio.run(_about_keys(settings.jwt_jwks_url))
    yield from _about_plugins(settings)
    yield from asyncio.run(_about_schema(settings))


def _about_settings(settings: Settings, demo: bool) -> Iterator[Finding]:
    missing = [] if demo else settings.missing
    yield from (Finding(Outcome.WRONG, sentence) for sentence in missing)
    if not missing:
        yield Finding(Outcome.GOOD, "The settings can be read, and none is missing.")
    if settings.secret_keys_file and not demo:
        yield _about_key_file(settings)
    if not settings.mail_from:
        yield Finding(Outcome.DOUBTFUL, "INVITO_MAIL_FROM is not set: nobody can send invitations by e-mail.")
    if any((settings.imap_url, settings.lmtp_listen, settings.inbound_secret)) and not settings.trusted_mail_servers:
        yield Finding(
            Outcome.DOUBTFUL,
            "INVITO_TRUSTED_MAIL_SERVERS is not set: nobody says whether an answer comes from where it claims, and "
            "who forges an invitee's address is believed. Name the server that writes Authentication-Results.",
        )
    if not settings.follow_up_url:
        yield Finding(Outcome.DOUBTFUL, "INVITO_FOLLOW_UP_URL is not set: nothing links to a follow-up's page.")


def _about_key_file(settings: Settings) -> Finding:
    try:
        keys_of(settings)
    except SettingsError as problem:
        return Finding(Outcome.WRONG, str(problem))
    return Finding(Outcome.GOOD, f"The keys of {settings.secret_keys_file} can be read.")


async def _about_database(settings: Settings) -> Finding:
    if is_missing_file(settings.database_url):
        return Finding(Outcome.DOUBTFUL, none_yet(settings))
    try:
        check_access(settings.database_url)
        standing = await migrating.standing(settings.database_url)
    except DATABASE_PROBLEMS as problem:
        return Finding(
            Outcome.WRONG,
            f"The database cannot be used: {database_problem(problem)}. Look at INVITO_DATABASE_URL, and whether the "
            "database runs.",
        )
    to_do = problem_of(standing, settings)
    if to_do is None:
        return Finding(Outcome.GOOD, f"{where(standing)}, as this version needs it.")
    return Finding(Outcome.DOUBTFUL if standing.is_known else Outcome.WRONG, to_do)


async def _about_keys(url: str) -> Finding:
    try:
        keys = await PublishedKeys(url).having(None)
    except KeysUnavailable:
        return Finding(
            Outcome.WRONG, f"There are no keys at {url}: look at INVITO_JWT_JWKS_URL, and whether the issuer runs."
        )
    return Finding(Outcome.GOOD, f"The issuer publishes {len(keys.keys)} keys.")


def _about_plugins(settings: Settings) -> Iterator[Finding]:
    names = _names_in(places_of(settings))
    try:
        manager = load_plugins(settings)
    except PluginError as problem:
        yield from (Finding(Outcome.DOUBTFUL, sentence) for sentence in misspelt(not_loaded=names))
        yield Finding(Outcome.WRONG, f"{problem} Look at INVITO_PLUGINS and --plugin.")
        return
    manager.close()
    known = {name: variables_of(name, context.settings) for name, context in manager.contexts.items()}
    not_loaded = [name for name in names if name not in known]
    yield from (Finding(Outcome.DOUBTFUL, sentence) for sentence in misspelt(plugins=known, not_loaded=not_loaded))
    yield from (Finding(Outcome.DOUBTFUL, sentence) for sentence in blocked_names_of_none(settings))
    yield from (Finding(Outcome.WRONG, why) for why in manager.missing.values())
    for name, context in manager.contexts.items():
        for variable, value, description in shown_settings(name, context.settings):
            yield Finding(Outcome.GOOD, f"{variable}={value}  {description}".rstrip())
    yield Finding(Outcome.GOOD, f"The sources are {', '.join(manager.sources)}.")
    if not any(loaded.lists_employees for loaded in manager.sources.values()):
        yield Finding(Outcome.DOUBTFUL, "No source lists employees: nobody is known by an e-mail address.")


async def _about_schema(settings: Settings) -> list[Finding]:
    """With the fields that plugins bring, and the documents that are trusted."""
    try:
        manager = load_plugins(settings)
    except PluginError:
        return []  # which is told already, and documents may ask for fields of plugins
    try:
        trusted = documents_of(settings, build_schema(await graphql_types_of(manager)))
    except PluginError as problem:
        return [Finding(Outcome.WRONG, str(problem))]
    except UntrustedManifest as problem:
        return [Finding(Outcome.WRONG, sentence) for sentence in problem.problems]
    finally:
        manager.close()
    if not isinstance(trusted, TrustedDocuments):
        return []
    are = "document is" if len(trusted) == 1 else "documents are"
    return [Finding(Outcome.GOOD, f"{len(trusted)} {are} trusted, and no others are carried out.")]


def _names_in(places: PluginPlaces) -> list[str]:
    """None of a folder that is not there, which is told when plugins are loaded."""
    try:
        return names_of_plugins(places)
    except PluginError:
        return []
