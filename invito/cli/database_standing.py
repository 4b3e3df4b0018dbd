"""Whether a database is as this version needs it, and bringing it there."""

from invito.cli.database_files import check_access, is_missing_file, make_folder
from invito.services.storage import migrating
from invito.services.storage.migrating import Standing
from invito.settings import Settings


class DatabaseNotReady(Exception):
    """The message says where the database stands, and what to do."""


def none_yet(settings: Settings) -> str:
    """What to do where there is no database."""
    made_by = "`invito serve --demo` makes" if settings.is_demo else "`invito serve` and `invito migrate` make"
    sentence = f"There is no database yet at {settings.database_url}: {made_by} it."
    may_mean_demo = not settings.is_demo and "database_url" not in settings.model_fields_set
    return f"{sentence} That of `invito serve --demo` is asked with --demo." if may_mean_demo else sentence


def problem_of(standing: Standing, settings: Settings) -> str | None:
    """What is to be done before the database can be used; None where it is as this version needs it."""
    if standing.is_current:
        return None
    if standing.is_known:
        brought = "`invito serve --demo` brings" if settings.is_demo else "`invito serve` and `invito migrate` bring"
        return f"{where(standing)}: {brought} it to {standing.needed}."
    return _too_new(standing)


def where(standing: Standing) -> str:
    return f"The database is at {standing.current or 'nothing'}"


async def expect_ready(settings: Settings) -> None:
    """
    :raises DatabaseNotReady: there is no database, or it is not as this version needs it.
    """
    if is_missing_file(settings.database_url):
        raise DatabaseNotReady(none_yet(settings))
    check_access(settings.database_url)
    problem = problem_of(await migrating.standing(settings.database_url), settings)
    if problem is not None:
        raise DatabaseNotReady(problem)


async def bring_up_to_date(database_url: str) -> Standing:
    """Make the database, or migrate it; answers where it stood before.

    :raises DatabaseNotReady: a newer version made it.
    """
    make_folder(database_url)
    check_access(database_url)
    before = await migrating.standing(database_url)
    if not before.is_known:
        raise DatabaseNotReady(_too_new(before))
    await migrating.upgrade(database_url)
    return before


def _too_new(standing: Standing) -> str:
    return f"{where(standing)}, which this version does not know: run the newer one that made it."
