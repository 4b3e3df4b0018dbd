"""Pages of a plugin: of entries, and of containers."""

from collections.abc import Container as Collection
from collections.abc import Sequence
from typing import TypeVar

from invito.plugins.border.entries import check_each_once, check_entries
from invito.plugins.border.reading import WrongAnswer, is_not, sequence_of
from invito.plugins.border.texts import check_text
from invito.plugins.contract import Container, ContainerKind, ContainerPage, EntryPage, PageRequest, Position
from invito.plugins.names import name_key
from invito.plugins.texts import MOST_IN_DESCRIPTION, MOST_IN_NAME, MOST_IN_REFERENCE

P = TypeVar("P", ContainerPage, EntryPage)


def entry_page(answer: object, asked: PageRequest, directories: Collection[str]) -> EntryPage:
    """At most so many entries as were asked for, each once, behind the position.

    A page that says there is more is not empty.

    :raises WrongAnswer: it is none.
    """
    page = _page_of(answer, EntryPage)
    entries = sequence_of(page.entries, asked.first, "entries")
    check_entries(entries, directories)
    check_each_once(entries)
    _check_goes_on(asked.after, [(entry.name, entry.reference) for entry in entries], "entry")
    _check_total(page.total, len(entries))
    return EntryPage(list(entries), page.has_more and bool(entries), page.total)


def container_page(answer: object, asked: PageRequest) -> ContainerPage:
    """Likewise of containers.

    :raises WrongAnswer: it is none.
    """
    page = _page_of(answer, ContainerPage)
    containers = sequence_of(page.containers, asked.first, "containers")
    places: dict[str, int] = {}
    for place, container in enumerate(containers):
        try:
            _check_container(container)
        except WrongAnswer as wrong:
            raise wrong.at(f"container {place}") from None
        if places.setdefault(container.id, place) != place:
            raise WrongAnswer(f"containers {places[container.id]} and {place} have the same id", container.id)
    _check_goes_on(asked.after, [(container.name, container.id) for container in containers], "container")
    _check_total(page.total, len(containers))
    return ContainerPage(list(containers), page.has_more and bool(containers), page.total)


def _page_of(answer: object, kind: type[P]) -> P:
    if not isinstance(answer, kind) or type(answer) is not kind:
        raise is_not(answer, kind.__name__)
    if type(answer.has_more) is not bool:
        raise is_not(answer.has_more, "a bool").at("has_more")
    return answer


def _check_goes_on(after: Position | None, items: Sequence[tuple[str, str]], what: str) -> None:
    """Whoever ignores `after` would give the same page for ever. Those of one name stand in the source's own order."""
    if after is None:
        return
    if items and name_key(items[0][0]) < after.name_key:
        raise WrongAnswer(f"{what} 0 stands before the place that the page begins behind")
    for place, (name, id_) in enumerate(items):
        if id_ == after.id and name_key(name) == after.name_key:
            raise WrongAnswer(f"{what} {place} is the one that the page begins behind")


def _check_total(total: object, there: int) -> None:
    _check_count("total", total)
    if isinstance(total, int) and total < there:
        raise WrongAnswer(f"total is {total}, and the page alone has {there}")


def _check_count(field: str, count: object) -> None:
    if count is None:
        return
    if type(count) is not int:
        raise is_not(count, "an int or None").at(field)
    if count < 0:
        raise WrongAnswer(f"{field} is negative", count)


def _check_container(container: object) -> None:
    if type(container) is not Container:
        raise is_not(container, "a Container")
    check_text("id", container.id, MOST_IN_REFERENCE)
    check_text("name", container.name, MOST_IN_NAME)
    if type(container.kind) is not ContainerKind:
        raise is_not(container.kind, "a ContainerKind").at("kind")
    if container.description not in (None, ""):
        check_text("description", container.description, MOST_IN_DESCRIPTION)
    _check_count("member_count", container.member_count)
