"""Which entries an administrator left available as participants (F7)."""

from functools import cache

from sqlalchemy import ColumnElement, String, cast, exists, func, true, type_coerce

from invito.services.storage.directory_tables import EntryRow, UnavailableEntryRow


@cache
def is_available(*, include_unavailable: bool = False) -> ColumnElement[bool]:
    """Whether an entry is to be listed. A kind is stored by its name, of which a reference has the lower case."""
    if include_unavailable:
        return true()
    reference = func.lower(type_coerce(EntryRow.kind, String)) + ":" + cast(EntryRow.id, String)
    return ~exists().where(UnavailableEntryRow.reference == reference)
