"""Invito: the GraphQL API behind an application's Invitation dialog."""

from pathlib import Path

__version__ = "0.1.0"

_HOUSE = ("schema", "sources", "services", "plugins")

for _name in _HOUSE:
    if (Path(__file__).parent / _name).is_file():
        raise ImportError(
            f"invito/{_name} is a text file where a symbolic link should be: this clone was made without symbolic "
            "links. Run `git config core.symlinks true` and `git checkout -- invito` (on Windows with developer mode "
            "on), or install Invito from a wheel."
        )
