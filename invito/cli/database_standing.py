"""Whether a database is as this version needs it, and bringing it there."""

from invito.cli.database_files import check_access, is_missing_file, make_folder
from invito.services.storage import migrating
from invito.services.storage.migrating import Standing

NONE_YET = "There is no database yet: `invito serve` and `invito migrate` make it."


class DatabaseNotReady(Exception):
    """The message says where the database stands, and what to do."""


def problem_of(standing: Standing) -> str | None:
    """What is to be done before the database can be used; None where it is as this version needs it."""
    if standing.is_current:
        return None
    if standing.is_known:
        return f"{where(standing)}: `invito serve` and `invito migrate` bring it to {standing.needed}."
    return _too_new(standing)


def where(standing: Standing) -> str:
    return f"The database is at {standing.current or 'nothing'}"


async def expect_ready(database_url: str) -> None:
    """
    :raises DatabaseNotReady: there is no database, or it is not as this version needs it.
    """
    if is_missing_file(database_url):
        raise DatabaseNotReady(NONE_YET)
    check_access(database_url)
    problem = problem_of(await migrating.standing(database_url))
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
