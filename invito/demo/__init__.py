"""The office that `invito serve --demo` shows: Nordlys AS, its people, and what they plan around today."""

from invito.demo.loading import load

__all__ = ["load"]
