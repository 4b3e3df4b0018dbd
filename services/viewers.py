"""Who a caller is: the employee who has the verified e-mail address, and the language and zone they read in."""

from invito.plugins.contract import Entry, ParticipantKind, ViewerIdentity
from invito.services.addresses import address_key
from invito.services.house import Caller, House
from invito.services.language import language_of
from invito.services.mailboxes.ownership import has_mailbox
from invito.services.participants.desk import Asker


async def identify(
    house: House, email: str, *, is_administrator: bool = False, accept_language: str | None = None
) -> Caller:
    """The caller of this verified address; without `employee` where no employee, or more than one, has it."""
    key = address_key(email)
    language = language_of(accept_language, house.rules.language)
    found, _ = await house.desk.find(Asker(None, language, house.rules.time_zone), [key])
    employees = [entry for entry in found[key] if entry.kind is ParticipantKind.EMPLOYEE]
    employee: Entry | None = employees[0] if len(employees) == 1 else None
    references = employee.references if employee is not None else ()
    can_send = house.rules.mail_from is not None
    if employee is not None and not can_send:
        can_send = await has_mailbox(house.database, employee.references)
    return Caller(
        ViewerIdentity(key, references, is_administrator),
        employee,
        (employee.language if employee is not None else None) or language,
        (employee.time_zone if employee is not None else None) or house.rules.time_zone,
        can_send,
    )
