"""What is let in: plugins with hooks that can be called by themselves, and sources that claim nobody else's place."""

from collections.abc import Iterator, Sequence

import pytest

from invito.plugins.contract import Label
from invito.plugins.failures import PluginError
from invito.plugins.hookspecs import hookimpl
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source


@pytest.fixture
def manager() -> Iterator[PluginManager]:
    opened = PluginManager()
    yield opened
    opened.close()


def bringing(name: str, *sources: Source) -> object:
    """A plugin of this name that brings these sources."""

    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return sources

    Plugin.__name__ = name
    return Plugin()


def source(key: str, *directories: str, replaces: str | None = None) -> Source:
    labels = dict.fromkeys(("label", "container_label", "all_label"), Label(key, key))
    names = {"key": key, "directories": frozenset(directories), "replaces": replaces, **labels}
    made: Source = type(key, (Source,), names)()
    return made


def test_a_wrapper_is_refused_with_its_plugin_and_its_hook(manager: PluginManager) -> None:
    class Wrapping:
        @hookimpl(wrapper=True)
        def invito_busy_spans(self) -> Iterator[None]:
            yield

    with pytest.raises(PluginError, match=r"Wrapping: invito_busy_spans is a wrapper"):
        manager.load([Wrapping()])


def test_a_module_without_any_hook_is_refused(manager: PluginManager) -> None:
    class Unmarked:
        def invito_participant_sources(self) -> Sequence[Source]:
            return []

    with pytest.raises(PluginError, match=r"Unmarked has no hook: .*hookimpl"):
        manager.load([Unmarked()])


def test_a_misspelt_hook_is_refused(manager: PluginManager) -> None:
    class Misspelt:
        @hookimpl
        def invito_busy_span(self) -> None: ...

    with pytest.raises(
        PluginError, match=r"Misspelt: there is no hook invito_busy_span\. Did you mean invito_busy_spans\?"
    ):
        manager.load([Misspelt()])


@pytest.mark.parametrize(
    ("second", "claim"),
    [(source("employees", "ldap"), "the key employees"), (source("ldap", "employee"), "the directory employee")],
)
def test_two_that_claim_the_same_are_refused_and_both_named(manager: PluginManager, second: Source, claim: str) -> None:
    manager.load([bringing("First", source("employees", "employee"))])

    with pytest.raises(PluginError, match=rf"First and Second both claim {claim}.*replaces"):
        manager.load([bringing("Second", second)])


def test_a_source_that_says_so_replaces_another_and_resolves_its_references(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"))])

    manager.load([bringing("Second", source("ldap", "ldap", "employee", replaces="employees"))])

    assert list(manager.sources) == ["ldap"]
    resolver = manager.source_of("employee:7")
    assert resolver is not None
    assert resolver.plugin.name == "Second"
    assert manager.source_of("person:7") is None


def test_a_plugin_that_cannot_bring_its_sources_is_refused_by_name(manager: PluginManager) -> None:
    class Broken:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            raise OSError("no directory")

    with pytest.raises(PluginError, match=r"Broken cannot bring its sources: OSError: no directory"):
        manager.load([Broken()])


def test_a_source_that_replaces_another_resolves_its_references_though_it_does_not_say_so(
    manager: PluginManager,
) -> None:
    manager.load([bringing("First", source("employees", "employee"))])

    manager.load([bringing("Second", source("ldap", "ldap", replaces="employees"))])

    resolver = manager.source_of("employee:7")
    assert resolver is not None
    assert resolver.source.key == "ldap"
    assert manager.present_key("employees") == "ldap"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["after it", "before it"])
def test_a_source_replaces_another_whichever_is_loaded_first(manager: PluginManager, order: tuple[int, int]) -> None:
    plugins = [
        bringing("First", source("employees", "employee")),
        bringing("Second", source("ldap", "ldap", replaces="employees")),
    ]

    manager.load([plugins[place] for place in order])

    assert list(manager.sources) == ["ldap"]
    assert manager.sources["ldap"].directories == {"employee", "ldap"}


def test_a_source_that_replaces_another_stands_in_its_place(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"), source("resource", "resource"))])

    manager.load([bringing("Second", source("ldap", "ldap", replaces="employees"))])

    assert list(manager.sources) == ["ldap", "resource"]


def test_a_source_that_replaces_one_that_replaced_another_stands_in_for_both(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"))])
    manager.load([bringing("Second", source("ldap", "ldap", replaces="employees"))])

    manager.load([bringing("Third", source("scim", "scim", replaces="ldap"))])

    assert manager.present_key("employees") == "scim"
    assert manager.sources["scim"].directories == {"employee", "ldap", "scim"}


def test_what_is_replaced_and_comes_late_claims_nobody_elses_place_either(manager: PluginManager) -> None:
    manager.load([bringing("Second", source("ldap", "ldap", replaces="employees"))])
    manager.load([bringing("Third", source("scim", "scim", replaces="ldap"), source("people", "employee"))])

    with pytest.raises(PluginError, match="claim the directory employee"):
        manager.load([bringing("First", source("employees", "employee"))])


def test_two_that_replace_the_same_are_refused_and_both_named(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"))])
    manager.load([bringing("Second", source("ldap", "ldap", replaces="employees"))])

    with pytest.raises(PluginError, match="Second and Third both replace the source employees"):
        manager.load([bringing("Third", source("scim", "scim", replaces="employees"))])


def test_a_plugin_that_is_refused_leaves_nothing_behind(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"))])
    hotels = bringing("Second", source("hotel", "hotel"), source("rooms", "employee"))

    with pytest.raises(PluginError, match="First and Second both claim"):
        manager.load([hotels])

    assert list(manager.sources) == ["employees"]
    assert "hotel" not in manager.listed_directories
    manager.load([bringing("Second", source("hotel", "hotel"))])
    assert list(manager.sources) == ["employees", "hotel"]


@pytest.mark.parametrize(
    ("lacking", "problem"),
    [
        ({"key": None}, "has no key"),
        ({"key": "hotel:room"}, "has no key"),
        ({"label": "Hotel"}, "hotel has no label"),
        ({"container_label": None}, "hotel has no container_label"),
        ({"directories": ["hotel"]}, "hotel has no directories"),
        ({"directories": frozenset({"hotel:"})}, "hotel has no directories"),
    ],
)
def test_a_source_that_lacks_what_every_source_has_is_refused_by_name(
    manager: PluginManager, lacking: dict[str, object], problem: str
) -> None:
    hotel = source("hotel", "hotel")
    for name, value in lacking.items():
        setattr(type(hotel), name, value)

    with pytest.raises(PluginError, match=rf"Plugin Innkeeper.*{problem}"):
        manager.load([bringing("Innkeeper", hotel)])


def test_what_is_no_source_is_refused(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match=r"Innkeeper brings str, which is no invito\.plugins\.Source"):
        manager.load([bringing("Innkeeper", "hotel")])  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("problem", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_a_plugin_that_wants_to_end_the_process_when_it_is_loaded_is_refused(
    manager: PluginManager, problem: BaseException
) -> None:
    class Ending:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            raise problem

    with pytest.raises(PluginError, match=f"Ending cannot bring its sources: {type(problem).__name__}"):
        manager.load([Ending()])


class Particpant:
    @hookimpl
    def invito_particpant_sources(self) -> None: ...


class Nonsense:
    @hookimpl
    def invito_xyz(self) -> None: ...


class OtherArgument:
    @hookimpl
    def invito_busy_spans(self, reference: str, span: object) -> None: ...


class NoSuchArgument:
    @hookimpl
    def invito_shutdown(self, context: object) -> None: ...


class KeywordOnly:
    @hookimpl
    def invito_busy_spans(self, references: object, *, span: object) -> None: ...


class Async:
    @hookimpl
    async def invito_participant_sources(self) -> None: ...


SOURCES_ARGUMENTS = "Its arguments are context; leave out those that you do not need."
BUSY_ARGUMENTS = "Its arguments are references, span; leave out those that you do not need."


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            Particpant,
            f"there is no hook invito_particpant_sources. Did you mean invito_participant_sources? {SOURCES_ARGUMENTS}",
        ),
        (
            OtherArgument,
            f"invito_busy_spans has no argument reference. Did you mean references? {BUSY_ARGUMENTS}",
        ),
        (NoSuchArgument, "invito_shutdown has no argument context. It has no arguments."),
        (
            KeywordOnly,
            f"invito_busy_spans is called by position: leave out the * before span. {BUSY_ARGUMENTS}",
        ),
        (
            Async,
            "invito_participant_sources is called as a plain function: write `def`, not `async def`.",
        ),
    ],
)
def test_a_hook_that_is_written_wrong_is_refused_with_how_it_is_written(
    manager: PluginManager, kind: type, sentence: str
) -> None:
    with pytest.raises(PluginError) as refused:
        manager.load([kind()])

    assert str(refused.value) == f"Plugin {kind.__name__}: {sentence}"
    assert not manager.plugins


def test_a_hook_that_is_like_none_is_refused_with_all_that_there_are(manager: PluginManager) -> None:
    with pytest.raises(
        PluginError, match=r"no hook invito_xyz\. There are invito_participant_sources, .*invito_commands"
    ):
        manager.load([Nonsense()])
