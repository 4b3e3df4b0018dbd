"""Commands as advice names them."""

from invito.settings import Settings


def named(command: str, settings: Settings) -> str:
    """The command as it is typed where these settings are meant: a demo's has --demo."""
    return f"`{command} --demo`" if settings.is_demo else f"`{command}`"
