"""How a command ends that cannot do what it was asked: with what is wrong and how to mend it, and no stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from alembic.util import CommandError
from rich.console import Console
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from invito.authentication import InvalidToken
from invito.cli.database_standing import DatabaseNotReady
from invito.documents.trusted_documents import UntrustedManifest
from invito.plugins.failures import PluginError
from invito.services.errors import Unanswerable
from invito.services.inbox.lmtp_listener import CannotListen
from invito.settings import SettingsError

# What opening a database and asking it raises where the operator has to look at it.
DATABASE_PROBLEMS = (OSError, SQLAlchemyError, ModuleNotFoundError)


def end(*problems: str) -> NoReturn:
    """
    :raises typer.Exit: always, with code 1.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for problem in problems:
        console.print(problem, style="red", markup=False)
    raise typer.Exit(1)


@contextmanager
def expected_problems() -> Iterator[None]:
    """Within it, what an operator can mend ends the command with a sentence."""
    try:
        yield
    except SettingsError as problem:
        end(*problem.problems)
    except UntrustedManifest as problem:
        end(*problem.problems, "Look at INVITO_TRUSTED_DOCUMENTS.")
    except (PluginError, InvalidToken, DatabaseNotReady, Unanswerable, CannotListen) as problem:
        end(str(problem))
    except CommandError as problem:
        end(f"The database cannot be migrated: {problem}.")
    except DATABASE_PROBLEMS as problem:
        end(f"The database cannot be used: {database_problem(problem)}. Look at INVITO_DATABASE_URL.")


def database_problem(problem: Exception) -> str:
    """The driver's own words, in one line, without the statement and its values."""
    if isinstance(problem, ModuleNotFoundError) and problem.name == "asyncpg":
        return (
            "PostgreSQL needs its driver, which is not installed (pip install 'invito[postgres]'; in a clone "
            ".venv/bin/pip install --editable '.[postgres]')"
        )
    if isinstance(problem, OSError) and problem.filename and problem.strerror:
        return f"{problem.filename}: {problem.strerror}"
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig is not None else problem
    return " ".join(str(cause).split()).rstrip(".") or type(cause).__name__
