"""`invito token`."""

from datetime import timedelta
from typing import Annotated

import typer

from invito.authentication import sign_token
from invito.cli.ending import end, expected_problems
from invito.services.addresses import is_valid_address
from invito.settings import read_settings


def token(
    email: Annotated[str, typer.Argument(help="Whom the token vouches for.")],
    administrator: Annotated[bool, typer.Option(help="Make it an administrator's.")] = False,
    hours: Annotated[float, typer.Option(max=24 * 365, help="How long it is valid.")] = 12.0,
) -> None:
    """Print a token for development, signed with INVITO_JWT_SECRET."""
    if not is_valid_address(email):
        end(f"{email} is no e-mail address.")
    if hours <= 0:
        end(f"A token of {hours:g} hours is never valid: --hours is more than 0.")
    with expected_problems():
        settings, lifetime = read_settings(), timedelta(hours=hours)
        typer.echo(sign_token(settings, email, is_administrator=administrator, lifetime=lifetime))
    if unnamed := settings.unnamed_in_tokens:
        are = "is" if len(unnamed) == 1 else "are"
        names = " and ".join(unnamed)
        typer.echo(f"{names} {are} not set, nor named in this token: only a demo takes it.", err=True)
