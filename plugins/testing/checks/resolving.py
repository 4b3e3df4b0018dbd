"""References to entries, and e-mail addresses to whoever has them."""

import inspect

from invito.plugins.source import Source
from invito.plugins.testing.facts import NotChecked, expect, given, shown
from invito.plugins.testing.listing import some_entries
from invito.plugins.testing.trial import Trial
from invito.plugins.texts import MOST_OF_ONE_ADDRESS

_MANY = 10_000
_NO_REFERENCES = ("", ":", "nobody", "nobody:1", "%:%", "\x00:\x00", "a:b:c", "x" * 500)
_NO_OWN_IDS = ("", "no such id", "%", "'", "-1", "\x00", "\N{SLIGHTLY SMILING FACE}", "9" * 40)
_SHARED = "shared@invito-kit.invalid"
_NO_FIND = "The source does not know e-mail addresses (`find`)."
_NO_ADDRESSES = "Nobody who is listed has an e-mail address."


async def what_is_listed_is_resolved_alike(trial: Trial) -> None:
    """Whoever is listed is resolved by their reference, alike in every field."""
    listed = await some_entries(trial)
    for entry, resolved in zip(listed, await trial.resolve([one.reference for one in listed]), strict=True):
        expect(resolved == entry, f"{entry.reference!r} is listed as {shown(entry)} and resolved as {shown(resolved)}.")


async def resolving_keeps_the_order(trial: Trial) -> None:
    """Resolving answers in the order asked for, and twice where it is asked twice."""
    listed = [entry.reference for entry in await some_entries(trial)]
    asked = [*reversed(listed), *listed[:2], *listed[::2]]
    answered = [None if entry is None else entry.reference for entry in await trial.resolve(asked)]

    expect(answered == asked, f"{shown(asked)} was asked for, and {shown(answered)} answered.")


async def resolving_says_who_is_gone(trial: Trial) -> None:
    """Resolving answers None for who is not there, in their place, and the others all the same."""
    known = (await some_entries(trial))[0]
    own = [f"{directory}:{id_}" for directory in sorted(trial.source.directories) for id_ in _NO_OWN_IDS]
    gone = [*_NO_REFERENCES, *own]
    asked = [one for reference in gone for one in (reference, known.reference)]

    answers = await trial.resolve(asked)

    for reference, answer in zip(asked[::2], answers[::2], strict=True):
        expect(answer is None, f"{shown(reference)} is nobody, and resolved as {shown(answer)}.")
    expect(all(answer is not None for answer in answers[1::2]), "Beside who is gone, who is there is not resolved.")


async def resolving_nothing_answers_nothing(trial: Trial) -> None:
    """No references, no entries."""
    answers = await trial.resolve([])

    expect(len(answers) == 0, f"Nothing was asked for, and {shown(answers)} answered.")


async def ten_thousand_references_are_resolved_in_one_call(trial: Trial) -> None:
    """Ten thousand references are resolved in one call, those who are there among them."""
    known = (await some_entries(trial))[0]
    directory = known.reference.partition(":")[0]
    asked = [f"{directory}:no-such-{number}" for number in range(_MANY - 1)]
    asked.insert(_MANY // 2, known.reference)

    answers = await trial.resolve(asked)

    found = [entry.reference for entry in answers if entry is not None]
    expect(found == [known.reference], f"Of {_MANY:,} references, one of them there, {shown(found)} is resolved.")


async def aliases_lead_to_their_entry(trial: Trial) -> None:
    """An alias of the source's own directories leads to the entry that names it."""
    aliases = {
        alias: entry.reference
        for entry in await some_entries(trial)
        for alias in entry.aliases
        if alias.partition(":")[0] in trial.source.directories
    }
    if not aliases:
        raise NotChecked("Nobody who is listed has an alias of the source's own.")
    for (alias, reference), entry in zip(aliases.items(), await trial.resolve(list(aliases)), strict=True):
        expect(entry is not None and entry.reference == reference, f"The alias {alias!r} leads to {shown(entry)}.")


async def the_known_reference_is_resolved(trial: Trial) -> None:
    """The reference that the author named is somebody, under this reference or as an alias."""
    known = given(trial.facts.reference, "the reference of somebody who is there: Facts(reference=…), or --reference")
    (entry,) = await trial.resolve([known])

    expect(entry is not None and known in entry.references, f"{known!r} is resolved as {shown(entry)}.")


async def addresses_find_who_is_listed(trial: Trial) -> None:
    """Whoever is listed with an e-mail address is found by it."""
    _expect_find(trial)
    listed = [(entry, entry.email.lower()) for entry in await some_entries(trial) if entry.email]
    if not listed:
        raise NotChecked(_NO_ADDRESSES)
    for (entry, address), owners in zip(listed, await trial.find([address for _, address in listed]), strict=True):
        is_found = entry.reference in {owner.reference for owner in owners}
        expect(is_found or entry.email != address, f"{address!r} does not find {entry.reference!r}, which has it.")


async def addresses_are_found_whatever_their_capitals(trial: Trial) -> None:
    """Addresses are asked for in lower case, and found though they are kept with capitals."""
    _expect_find(trial)
    addressed = [(entry, entry.email) for entry in await some_entries(trial, _MANY) if entry.email]
    kept = [(entry, address) for entry, address in addressed if address != address.lower()]
    if not kept:
        raise NotChecked("Nobody who is listed has an address with a capital letter: try the source with one.")
    for (entry, address), owners in zip(kept, await trial.find([one.lower() for _, one in kept]), strict=True):
        is_found = entry.reference in {owner.reference for owner in owners}
        expect(is_found, f"{address.lower()!r} does not find {entry.reference!r}, whose address is {address!r}.")


async def addresses_are_answered_in_order(trial: Trial) -> None:
    """Addresses are answered in the order asked for, nobody for those that nobody has."""
    _expect_find(trial)
    known = [entry.email.lower() for entry in await some_entries(trial) if entry.email]
    if not known:
        raise NotChecked(_NO_ADDRESSES)
    nobody = [f"nobody-{number}@invito-kit.invalid" for number in range(len(known))]
    asked = [one for pair in zip(nobody, reversed(known), strict=True) for one in pair]

    answers = await trial.find(asked)

    for address, owners in zip(asked, answers, strict=True):
        wrong = [owner.email for owner in owners if (owner.email or "").lower() != address]
        expect(not wrong, f"{address!r} finds those whose address is {shown(wrong)}.")
    expect(not await trial.find([]), "No addresses were asked for, and something is answered.")


async def ten_thousand_addresses_are_found_in_one_call(trial: Trial) -> None:
    """Ten thousand addresses are looked up in one call."""
    _expect_find(trial)
    asked = [f"nobody-{number}@invito-kit.invalid" for number in range(_MANY)]
    answers = await trial.find(asked)

    expect(not any(answers), f"Addresses that nobody has find {shown([one for one in answers if one][:3])}.")


async def an_address_of_many_finds_a_hundred_at_most(trial: Trial) -> None:
    """An address that more than a hundred have finds a hundred of them at most, and others are found beside it."""
    _expect_find(trial)
    add = given(
        trial.facts.add_sharers, "how so many entries that have one e-mail address are added: Facts(add_sharers=…)"
    )
    known = next((entry.email.lower() for entry in await some_entries(trial) if entry.email), None)
    added = add(_SHARED, MOST_OF_ONE_ADDRESS + 1)
    if inspect.isawaitable(added):
        await added

    asked = [_SHARED] if known is None else [_SHARED, known]
    owners, *others = await trial.find(asked)

    expect(bool(owners), f"{_SHARED!r} finds nobody, though `add_sharers` added those who have it.")
    expect(
        len(owners) <= MOST_OF_ONE_ADDRESS,
        f"{_SHARED!r} finds {len(owners)} entries. Invito lets {MOST_OF_ONE_ADDRESS} in, and would refuse the answer "
        "to all addresses that are asked for beside it.",
    )
    expect(all(others), f"Beside {_SHARED!r}, {known!r} finds nobody.")


async def the_known_address_is_found(trial: Trial) -> None:
    """The address that the author named is somebody's."""
    _expect_find(trial)
    known = given(trial.facts.address, "the e-mail address of somebody who is there: Facts(address=…), or --address")
    (owners,) = await trial.find([known.lower()])

    expect(bool(owners), f"{known!r} is nobody's.")


def _expect_find(trial: Trial) -> None:
    if type(trial.source).find is Source.find:
        raise NotChecked(_NO_FIND)
