"""`invito plugins new`."""

from pathlib import Path
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.plugins.licences import Licence
from invito.cli.plugins.package_names import BadName, PackageNames
from invito.cli.plugins.package_writing import write_package
from invito.opening import load_plugins
from invito.settings import read_settings


def new(
    name: Annotated[str, typer.Argument(help="What the source is called, such as `hotel`.")],
    directory: Annotated[Path, typer.Option(help="Where the package's folder is made.")] = Path(),
    licence: Annotated[Licence, typer.Option("--license", help="The licence of the package.")] = Licence.MIT,
    author: Annotated[str | None, typer.Option(help="Whose it is, for pyproject.toml and the licence.")] = None,
) -> None:
    """Write a package with a participant source, its tests and all that installs it, to be edited."""
    with expected_problems():
        taken = _taken()
    try:
        names = PackageNames.of(name, taken)
    except BadName as problem:
        end(str(problem))
    folder = directory / names.folder
    try:
        write_package(folder, names, licence, author or f"The authors of {names.distribution}")
    except FileExistsError:
        end(f"{folder} is there already: take another name, or another --directory.")
    except OSError as problem:
        end(f"{folder} cannot be written: {problem.strerror}.")
    typer.echo(
        f"{folder} is the package {names.distribution}. What next:\n"
        f"  pip install --editable '{folder}[dev]'\n"
        f"  pytest {folder}\n"
        "  invito serve --demo"
    )


def _taken() -> set[str]:
    """The keys and directories of the sources that are there; typed addresses have a directory too."""
    manager = load_plugins(read_settings())
    manager.close()
    sources = [loaded.source for loaded in manager.sources.values()]
    return {"email", *manager.sources, *(directory for source in sources for directory in source.directories)}
