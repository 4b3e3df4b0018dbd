"""An operation or its variables as an argument: as they are, from a file (@FILE), or from standard input (-)."""

import json
import sys
from pathlib import Path

from invito.cli.ending import end


def text_of(argument: str) -> str:
    """The text that an argument means; ends where it cannot be read."""
    if argument == "-":
        raw, name = sys.stdin.buffer.read(), "Standard input"
    elif argument.startswith("@"):
        name = argument[1:]
        try:
            raw = Path(name).read_bytes()
        except OSError as problem:
            end(f"{name} cannot be read: {problem.strerror}.")
    else:
        return argument
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        end(f"{name} is no text in UTF-8.")


def variables_of(argument: str) -> dict[str, object]:
    """The variables that an argument means; ends where they are no JSON object."""
    text = text_of(argument)
    try:
        values = json.loads(text)
    except ValueError as problem:
        end(f'--variables should be a JSON object, such as \'{{"id": "…"}}\': {problem}.')
    if not isinstance(values, dict):
        end('--variables should be a JSON object, such as \'{"id": "…"}\'.')
    return values
