"""Writing a plugin's package from the templates beside this file."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from invito import __version__
from invito.cli.plugins.licences import Licence
from invito.cli.plugins.package_names import PackageNames

_TEMPLATE = Path(__file__).with_name("template")
_SUFFIX = ".jinja"
_MODULE = "MODULE"
_HIDDEN = {"gitignore": ".gitignore"}
# What is written is Python and TOML: nothing in it is for HTML to escape.
_ENVIRONMENT = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701


def write_package(folder: Path, names: PackageNames, licence: Licence, author: str) -> None:
    """
    :raises OSError: the folder is there already, or cannot be written.
    """
    folder.mkdir(parents=True)
    known = {
        "names": names,
        "licence": licence,
        "author": author,
        "year": datetime.now(UTC).year,
        "invito_version": __version__,
    }
    for template in sorted(_TEMPLATE.rglob(f"*{_SUFFIX}")):
        file = folder / _place_of(template, names)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = _ENVIRONMENT.from_string(template.read_text(encoding="utf-8")).render(known)
        file.write_text(text, encoding="utf-8", newline="\n")


def _place_of(template: Path, names: PackageNames) -> Path:
    place = template.relative_to(_TEMPLATE)
    name = place.name.removesuffix(_SUFFIX)
    folders = [names.module if part == _MODULE else part for part in place.parent.parts]
    return Path(*folders, _HIDDEN.get(name, name))
