"""The names of the environment variables that settings are read from."""

PREFIX = "INVITO_"


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()
