"""Containers: their own list, and what they hold."""

from invito.plugins.contract import ContainerQuery, EntryQuery, PageRequest, Position, UnknownContainer
from invito.plugins.names import matches, name_key
from invito.plugins.testing.facts import Broken, NotChecked, expect, given, shown
from invito.plugins.testing.listing import LARGEST_PAGE, MOST_CONTAINERS, MOST_ENTRIES, containers, listing
from invito.plugins.testing.trial import Trial

_NO_CONTAINERS = "The source lists no containers."
_NONE_SUCH = (
    "no such container",
    "",
    "-1",
    "%",
    "' OR '1'='1",
    "a:b",
    "\x00",
    "\N{SLIGHTLY SMILING FACE}",
    "x" * 10_000,
)
_END = Position("\U0010ffff", "\U0010ffff")
_SMALL_PAGES = (1, 3)
_MOST_SMALL_PAGES = 30


async def containers_are_listed_in_name_order(trial: Trial) -> None:
    """Containers are listed in name order."""
    keys = [name_key(one.name) for one in await containers(trial)]

    expect(keys == sorted(keys), "`containers` are not ordered by `invito.plugins.names.name_key`.")


async def every_container_has_an_id_of_its_own(trial: Trial) -> None:
    """Every container has an id of its own."""
    ids = [one.id for one in await containers(trial)]
    twice = sorted({one for one in ids if ids.count(one) > 1})

    expect(not twice, f"Several containers have the id {shown(twice)}.")


async def small_pages_add_up_to_all_containers(trial: Trial) -> None:
    """Small pages of containers add up to the same list as a large one, and end."""
    whole = [one.id for one in await containers(trial)]
    for size in _SMALL_PAGES:
        most = size * _MOST_SMALL_PAGES
        pages = [one.id for one in await containers(trial, size=size, most=most)]
        expect(pages == whole[:most], f"Pages of {size} containers add up to {shown(pages)}, not to {shown(whole)}.")
    page = await trial.containers(ContainerQuery(PageRequest(LARGEST_PAGE, _END)))
    expect(not page.containers and not page.has_more, "Behind the last container is something.")


async def containers_are_searched_as_entries_are(trial: Trial) -> None:
    """A container is found by the beginning of any word of its name, in capitals or not."""
    listed = await containers(trial)
    if not listed:
        raise NotChecked(_NO_CONTAINERS)
    for one in listed[:10]:
        for word in one.name.split():
            for search in (word, word[:2], word.upper()):
                page = await trial.containers(ContainerQuery(PageRequest(LARGEST_PAGE), search))
                is_found = one.id in {found.id for found in page.containers} or page.has_more
                expect(
                    is_found or not matches(one.name, search), f"{search!r} does not find the container {one.name!r}."
                )
    nothing = await trial.containers(ContainerQuery(PageRequest(10), "qxzjw"))
    expect(not nothing.containers, f"'qxzjw' finds the containers {shown([one.name for one in nothing.containers])}.")


async def every_container_listed_can_be_opened(trial: Trial) -> None:
    """Every container that is listed can be opened."""
    listed = await containers(trial)
    if not listed:
        raise NotChecked(_NO_CONTAINERS)
    for one in listed[:20]:
        try:
            await trial.participants(EntryQuery(PageRequest(10), one.id))
        except UnknownContainer:
            expect(False, f"The container {one.id!r} is listed, and unknown when it is opened.")


async def the_known_container_can_be_opened(trial: Trial) -> None:
    """The container that the author named has entries."""
    known = given(trial.facts.container, "the id of a container that has entries: Facts(container=…), or --container")
    try:
        page = await trial.participants(EntryQuery(PageRequest(10), known))
    except UnknownContainer as problem:
        raise Broken(f"The container {known!r} is unknown.") from problem

    expect(bool(page.entries), f"The container {known!r} lists nobody.")


async def unknown_containers_raise_unknown_container(trial: Trial) -> None:
    """A container that is not there raises UnknownContainer, whatever a client wrote as its id."""
    there = {one.id for one in await containers(trial)}
    for id_ in _NONE_SUCH:
        if id_ in there:
            continue
        try:
            page = await trial.participants(EntryQuery(PageRequest(10), id_))
        except UnknownContainer:
            continue
        expect(False, f"The container {shown(id_)} is not there, and lists {shown(page.entries)}.")


async def member_counts_are_right_or_left_out(trial: Trial) -> None:
    """A container that says how many it has, has so many."""
    counted = [one for one in await containers(trial) if one.member_count is not None]
    if not counted:
        raise NotChecked("No container says how many it has.")
    for one in counted[:10]:
        members = await listing(trial, one.id)
        count = len(members.entries)
        is_right = one.member_count == count if members.is_whole else (one.member_count or 0) >= MOST_ENTRIES
        expect(is_right, f"The container {one.name!r} says {one.member_count} and lists {count}.")


async def all_is_the_union_of_the_containers(trial: Trial) -> None:
    """All lists whoever is in a container, and nobody besides."""
    if not trial.source.offers_all:
        raise NotChecked("The source does not offer All.")
    listed = await containers(trial)
    everybody = await listing(trial, None)
    if not listed or len(listed) == MOST_CONTAINERS or not everybody.is_whole:
        raise NotChecked("There are no containers, or too many, or All is too long to look through.")
    members = {reference for one in listed for reference in (await listing(trial, one.id)).references}
    missing = sorted(members - set(everybody.references))
    expect(not missing, f"All leaves out {shown(missing)}, whom a container lists.")
    loose = sorted(set(everybody.references) - members)
    expect(
        trial.facts.entries_without_container or not loose,
        f"All lists {shown(loose)}, who are in no container: if that is meant, say "
        "Facts(entries_without_container=True).",
    )
