"""Where plugins are found, under which names, and what one that cannot be imported costs."""

from pathlib import Path

import pytest

from invito.plugins.discovery import FoundPlugin, MissingPlugin, PluginPlaces, blocked_in_vain, find_plugins
from invito.plugins.failures import PluginError

GOOD = '"""Rooms of a hotel."""\nfrom invito.plugins import hookimpl\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    return made


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where packages are installed: what is written there is found by its entry points."""
    place = tmp_path / "installed"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    return place


def install(place: Path, package: str, point: str, code: str, version: str = "2.1") -> None:
    """As pip does it: a module, and what its package says of itself."""
    (place / f"{package}.py").write_text(code)
    facts = place / f"{package}-{version}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\nSummary: Rooms.\n")
    (facts / "entry_points.txt").write_text(f"[invito]\n{point} = {package}\n")


def found(places: PluginPlaces) -> list[FoundPlugin | MissingPlugin]:
    """Those that this test made, whatever else is installed here."""
    return [one for one in find_plugins(places) if "probe" in one.name]


def test_a_package_is_found_by_its_entry_point_with_what_it_says_of_itself(installed: Path) -> None:
    install(installed, "probe_hotel", "probe", GOOD)

    (plugin,) = found(PluginPlaces())

    assert isinstance(plugin, FoundPlugin)
    assert (plugin.name, plugin.version, plugin.summary, plugin.is_named) == ("probe", "2.1", "Rooms.", False)


def test_packages_are_passed_over_where_the_settings_say_so(installed: Path) -> None:
    install(installed, "probe_passed", "probe", GOOD)

    assert found(PluginPlaces(looks_at_packages=False)) == []


def test_modules_and_packages_of_a_folder_are_found_by_name_and_hidden_ones_are_not(folder: Path) -> None:
    (folder / "probe_b.py").write_text(GOOD)
    (folder / "probe_a").mkdir()
    (folder / "probe_a" / "__init__.py").write_text(GOOD)
    for hidden in ("_probe.py", ".probe.py", "probe.txt"):
        (folder / hidden).write_text("raise RuntimeError")

    plugins = found(PluginPlaces(folder=folder))

    assert [(one.name, getattr(one, "summary", None)) for one in plugins] == [
        ("probe_a", "Rooms of a hotel."),
        ("probe_b", "Rooms of a hotel."),
    ]


def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(PluginError, match=r"There is no folder .*nowhere.* INVITO_PLUGIN_FOLDER"):
        list(find_plugins(PluginPlaces(folder=folder / "nowhere")))


def test_a_file_can_be_named_by_its_path(folder: Path) -> None:
    (folder / "probe_file.py").write_text(GOOD)

    (plugin,) = found(PluginPlaces((str(folder / "probe_file.py"),)))

    assert isinstance(plugin, FoundPlugin)
    assert (plugin.name, plugin.is_named) == ("probe_file", True)


def test_what_is_blocked_is_not_even_imported(installed: Path, folder: Path) -> None:
    install(installed, "probe_blocked", "probe_point", "raise RuntimeError")
    (folder / "probe_file.py").write_text("raise RuntimeError")
    blocked = frozenset({"probe_point", "probe_file", "probe_module"})

    assert found(PluginPlaces(("probe_module",), folder, blocked)) == []


def test_a_plugin_that_is_named_and_installed_is_found_once(installed: Path) -> None:
    install(installed, "probe_twice", "probe_point", GOOD)

    assert [one.name for one in found(PluginPlaces(("probe_twice",)))] == ["probe_point"]


def test_a_file_is_one_plugin_however_often_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "probe.py").write_text(GOOD)
    monkeypatch.chdir(folder)

    (one,) = found(PluginPlaces(("probe.py", str(folder / "probe.py"), "probe.py"), folder))

    assert isinstance(one, FoundPlugin)
    assert one.is_named


def test_two_plugins_of_one_name_are_not_both_found(installed: Path, folder: Path) -> None:
    install(installed, "probe_first", "probe", GOOD)
    (folder / "probe.py").write_text(GOOD)

    first, second = found(PluginPlaces(folder=folder))

    assert isinstance(first, FoundPlugin)
    assert isinstance(second, MissingPlugin)
    assert "another plugin of the name probe" in second.message


def test_two_plugins_of_one_name_are_told_by_where_they_come_from_and_how_each_is_blocked(installed: Path) -> None:
    install(installed, "probe_first", "probe", GOOD)
    install(installed, "probe_second", "probe", GOOD, "3.0")

    _, second = found(PluginPlaces())

    assert isinstance(second, MissingPlugin)
    assert "the package probe_first 2.1 and the package probe_second 3.0" in second.message
    assert "INVITO_PLUGINS_BLOCKED=probe_first or =probe_second" in second.message


def test_one_of_two_plugins_of_one_name_is_blocked_by_its_package(installed: Path) -> None:
    install(installed, "probe_first", "probe", GOOD)
    install(installed, "probe_second", "probe", GOOD, "3.0")

    (plugin,) = found(PluginPlaces(blocked=frozenset({"Probe-First"})))

    assert isinstance(plugin, FoundPlugin)
    assert plugin.version == "3.0"


def test_one_of_two_plugins_of_one_name_is_blocked_by_its_file(installed: Path, folder: Path) -> None:
    install(installed, "probe_first", "probe", GOOD)
    (folder / "probe.py").write_text("raise RuntimeError")

    (plugin,) = found(PluginPlaces(folder=folder, blocked=frozenset({str(folder / "probe.py")})))

    assert isinstance(plugin, FoundPlugin)
    assert plugin.version == "2.1"


def test_what_is_blocked_stays_so_where_it_is_named_by_its_module(installed: Path) -> None:
    install(installed, "probe_blocked", "probe_point", "raise RuntimeError")

    assert found(PluginPlaces(("probe_blocked",), blocked=frozenset({"probe_point"}))) == []


def test_a_blocked_name_that_nothing_has_is_told_with_the_one_that_may_be_meant(installed: Path) -> None:
    install(installed, "probe_hotel", "probe", "raise RuntimeError")
    places = PluginPlaces(blocked=frozenset({"prob", "employees", "probe"}))

    problems = blocked_in_vain(places, ["employees"])

    assert problems == ["INVITO_PLUGINS_BLOCKED names prob, and no plugin has that name: is probe meant?"]


@pytest.mark.parametrize(
    "problem", ["raise RuntimeError('no')", "import sys; sys.exit(3)", "1 +", "raise GeneratorExit"]
)
def test_one_that_dies_while_it_is_imported_costs_itself_and_says_where(folder: Path, problem: str) -> None:
    (folder / "probe_bad.py").write_text(f"{GOOD}{problem}\n")
    (folder / "probe_good.py").write_text(GOOD)

    bad, good = found(PluginPlaces(folder=folder))

    assert isinstance(bad, MissingPlugin)
    assert "Plugin probe_bad cannot be imported: " in bad.message
    assert isinstance(good, FoundPlugin)


def test_a_dependency_that_is_missing_is_named_with_what_to_do(folder: Path) -> None:
    (folder / "probe_needy.py").write_text("import a_library_that_nobody_has\n")

    (plugin,) = found(PluginPlaces(folder=folder))

    assert isinstance(plugin, MissingPlugin)
    assert plugin.message == (
        "Plugin probe_needy needs a_library_that_nobody_has, which is not installed here: pip install it beside Invito."
    )


def test_a_module_that_is_not_there_is_said(folder: Path) -> None:
    (plugin,) = found(PluginPlaces(("probe_nowhere",)))

    assert isinstance(plugin, MissingPlugin)
    assert plugin.is_named
    assert "No module named 'probe_nowhere'" in plugin.message
