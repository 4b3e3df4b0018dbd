"""How the house is built: the arrows between its folders, what is installed with it, and what is packed."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from invito.graphiql import is_graphiql_built
from tests.conftest import missing

ROOT = Path(__file__).parent.parent
FOLDERS = ("schema", "sources", "services", "plugins")
CONSTRAINTS = {
    canonicalize_name(name): Version(version)
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_arrows_between_the_folders_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_loaded_a_second_time_under_a_bare_name() -> None:
    program = "import sys, invito.cli; print(*{name.partition('.')[0] for name in sys.modules})"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "invito" in done.stdout.split()
    assert not set(done.stdout.split()) & set(FOLDERS)


def test_the_four_folders_are_linked_into_the_package() -> None:
    for name in FOLDERS:
        link = ROOT / "invito" / name
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == ROOT / name


@pytest.mark.parametrize(
    ("package", "least"),
    [("strawberry-graphql", "0.341"), ("starlette", "1.3.1"), ("icalendar", "7.3.0"), ("graphql-core", "3.3")],
)
def test_what_was_tested_is_no_older_than_what_is_safe(package: str, least: str) -> None:
    assert CONSTRAINTS[canonicalize_name(package)] >= Version(least)
    declared = next(Requirement(text) for text in PROJECT["dependencies"] if Requirement(text).name == package)
    assert not declared.specifier.contains(f"{Version(least).major}.{Version(least).minor - 1}")


def test_multipart_forms_have_no_parser() -> None:
    assert "python-multipart" not in CONSTRAINTS or CONSTRAINTS[canonicalize_name("python-multipart")] >= Version(
        "0.0.27"
    )


def test_every_requirement_is_pinned_at_a_version_that_it_allows() -> None:
    extras = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]

    for requirement in map(Requirement, [*PROJECT["dependencies"], *extras, "hatchling"]):
        assert requirement.specifier.contains(CONSTRAINTS[canonicalize_name(requirement.name)]), requirement


def test_the_constraints_name_no_host() -> None:
    assert "://" not in (ROOT / "constraints.txt").read_text()


@pytest.mark.parametrize(
    "file",
    [
        file.relative_to(ROOT).as_posix()
        for top in ("tests", "web")
        for file in sorted((ROOT / top).rglob("package-lock.json"))
        if "node_modules" not in file.parts
    ],
)
def test_what_comes_from_npm_is_known_by_its_hash_and_from_no_host_by_name(file: str) -> None:
    packages = json.loads((ROOT / file).read_text())["packages"]

    del packages[""]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    built = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run([*built, "--target", "sdist"], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    unpacked = next(path for path in folder.iterdir() if path.is_dir())
    subprocess.run([*built, "--target", "wheel"], cwd=unpacked, check=True, capture_output=True)
    return folder


def test_the_wheel_has_every_module_and_all_that_they_read(packed: Path) -> None:
    with zipfile.ZipFile(next(packed.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())

    kept = {".py", ".po", ".html", ".mako", ".typed", ".jinja"}
    wanted = {
        f"invito/{'' if folder == 'invito' else f'{folder}/'}{path.relative_to(ROOT / folder).as_posix()}"
        for folder in ("invito", *FOLDERS)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in kept
    }
    assert wanted - names == set()
    assert {name.partition("/")[0] for name in names} == {
        "invito",
        next(n.partition("/")[0] for n in names if ".dist-info" in n),
    }


def test_what_is_built_of_web_is_packed_where_it_is_there(packed: Path) -> None:
    if not is_graphiql_built():
        missing("GraphiQL is not built (make graphiql)")
    with zipfile.ZipFile(next(packed.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())

    built = {path.relative_to(ROOT).as_posix() for path in (ROOT / "invito/built").rglob("*") if path.is_file()}
    assert {"invito/built/graphiql/index.html", "invito/built/graphiql/licenses.md"} <= built <= names


def test_the_sdist_has_the_tests_and_what_installs_them(packed: Path) -> None:
    with tarfile.open(next(packed.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "constraints.txt", "tests/test_house.py"} <= names
    assert {"web/graphiql/package-lock.json", "web/graphiql/.npmrc"} <= names
    assert not any(part in name for name in names for part in ("__pycache__", ".venv", ".sqlite3", "node_modules"))


def test_the_demo_is_forgotten_by_make_forget_alone(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "var").mkdir()

    cleaned = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, check=True)
    after_cleaning = (tmp_path / "var").is_dir()
    subprocess.run(["make", "forget"], cwd=tmp_path, capture_output=True, check=True)

    assert "make forget" in cleaned.stdout
    assert after_cleaning
    assert not (tmp_path / "var").exists()


@pytest.mark.xdist_group("those that share a server")
def test_tests_that_share_a_server_are_run_by_one_worker(request: pytest.FixtureRequest) -> None:
    """With pytest 9.2 the groups of pytest-xdist 3.8 mean nothing, silently: each worker then starts all servers."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.skip("There is one worker.")

    assert request.node.nodeid.endswith("@those that share a server")
