"""Employees as others see them: owners of follow-ups, and who is available as a participant."""

from collections.abc import Sequence
from dataclasses import dataclass

from invito.plugins.contract import Entry, ParticipantKind
from invito.services.caller import Caller
from invito.services.follow_ups.repository import visible_owners
from invito.services.follow_ups.values import Owner
from invito.services.house import House
from invito.services.participants.unavailable import unavailable_among


@dataclass(frozen=True, slots=True)
class Employee:
    """The first of the groups is *the* group (visibility OWNER_GROUP)."""

    reference: str
    name: str
    email: str | None
    groups: tuple[str, ...]


def employee_of(one: Owner | Entry) -> Employee:
    return Employee(one.reference, one.name, one.email, one.groups)


async def visible_employees(house: House, caller: Caller, references: Sequence[str]) -> dict[str, Employee]:
    """Those whom the caller may see: themselves, who is available as a participant, owners of what they may see."""
    if caller.employee is None and not caller.is_administrator:
        return {}
    found, _ = await house.desk.resolve(caller.asker, references)
    employees = {one: entry for one, entry in found.items() if entry.kind is ParticipantKind.EMPLOYEE}
    hidden = set() if caller.is_administrator else await unavailable_among(house, employees.values())
    seen = {
        reference: employee_of(entry)
        for reference, entry in employees.items()
        if entry.reference not in hidden or reference in caller.references
    }
    rest = [reference for reference in references if reference not in seen]
    return seen | (await _visible_owners(house, caller, rest) if rest else {})


async def _visible_owners(house: House, caller: Caller, references: Sequence[str]) -> dict[str, Employee]:
    async with house.database.read() as connection:
        return {one.reference: employee_of(one) for one in await visible_owners(connection, caller, references)}
