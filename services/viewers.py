"""Who a caller is: the employee who has the verified e-mail address, and the language and zone they read in."""

from dataclasses import replace

from invito.plugins.contract import Entry, ViewerIdentity
from invito.services.addresses import address_key
from invito.services.caller import Asker, Caller
from invito.services.errors import Unanswerable, UnanswerableCode, UserErrorCode
from invito.services.follow_ups.owners import known_as, renew_owner
from invito.services.house import House
from invito.services.language import language_of, translate
from invito.services.mailboxes.ownership import has_mailbox


async def identify(
    house: House, email: str, *, is_administrator: bool = False, accept_language: str | None = None
) -> Caller:
    """The caller of this verified address; without `employee` where no employee, or more than one, has it.

    What is kept of them as an owner is renewed where the directory says something else by now.

    :raises Unanswerable: SOURCE_UNAVAILABLE or INTERNAL, since a source that may know them did not answer: they are
        no stranger for that.
    """
    key = address_key(email)
    language = language_of(accept_language, house.rules.language)
    employee = await _employee_of(house, Asker(None, language, house.rules.time_zone), key)
    references: tuple[str, ...] = ()
    if employee is not None:
        async with house.database.read() as connection:
            known = await known_as(connection, employee)
        if known.outdated:
            async with house.database.write() as connection:
                await renew_owner(connection, known.outdated, employee)
        references = known.references
    can_send = await _can_send(house, employee)
    return Caller(
        ViewerIdentity(key, references, is_administrator),
        employee,
        (employee.language if employee is not None else None) or language,
        (employee.time_zone if employee is not None else None) or house.rules.time_zone,
        can_send,
    )


async def _employee_of(house: House, asker: Asker, address: str) -> Entry | None:
    employees, warnings = await house.desk.find_employees(asker, address)
    if employees or not warnings:
        return employees[0] if len(employees) == 1 else None
    # The built-in sources ask our own database alone.
    if any(house.plugins.sources[warning.source].plugin.is_built_in for warning in warnings):
        message = translate("The database does not answer at the moment. Try again soon.", asker.language)
        raise Unanswerable(UnanswerableCode.INTERNAL, message)
    message = translate("Who you are cannot be looked up at the moment: {sources}.", asker.language)
    sources = "; ".join(warning.message for warning in warnings)
    raise Unanswerable(UserErrorCode.SOURCE_UNAVAILABLE, message.format(sources=sources))


async def looked_at_anew(house: House, caller: Caller) -> Caller:
    """The same caller, after their mailbox was saved or removed."""
    return replace(caller, can_send=await _can_send(house, caller.employee))


async def _can_send(house: House, employee: Entry | None) -> bool:
    if house.rules.can_send(has_mailbox=False):
        return True  # whatever their own mailbox is
    if employee is None:
        return False
    async with house.database.read() as connection:
        return house.rules.can_send(has_mailbox=await has_mailbox(connection, employee.references))
