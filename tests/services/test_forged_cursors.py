"""A cursor that somebody made up is answered or refused as one, whatever it holds: no database is asked in vain."""

from collections.abc import Awaitable, Callable

import pytest

from invito.services.errors import Unanswerable, UnanswerableCode
from invito.services.invitations.follow_up_pages import FollowUpFilter, FollowUpOrder, follow_up_page
from invito.services.invitations.participant_pages import participant_pages
from invito.services.invitations.received import InvitationFilter, invitation_page
from invito.services.notifications.reading import notification_page
from invito.services.paging import CursorPart, PageAsk, cursor_of
from invito.services.participants.containers import containers
from invito.services.participants.listing import AvailableAsk, available_participants
from invito.services.participants.searching import search_participants
from tests.services.conftest import Office

Read = Callable[[Office, PageAsk], Awaitable[object]]

_LARGEST = 2**62 - 1
_NUMBERS = (0, 1, 2**31, -(2**40), _LARGEST, -_LARGEST, 2**62)
_TEXTS = ("", "a", "a\0b", "å" * 5_000, "employee:99999999999999999999", "x:y")


async def _participants(office: Office, ask: PageAsk) -> object:
    return await participant_pages(office.house, [await office.create()], None, ask)


async def _follow_ups(office: Office, ask: PageAsk) -> object:
    return await follow_up_page(office.house, office.kari, FollowUpFilter(), FollowUpOrder.START, ask)


async def _notifications(office: Office, ask: PageAsk) -> object:
    return await notification_page(office.house, office.kari, ask, unacknowledged_only=False)


async def _invitations(office: Office, ask: PageAsk) -> object:
    return await invitation_page(office.house, office.kari, InvitationFilter(), ask)


async def _containers(office: Office, ask: PageAsk) -> object:
    return _unless_failed(await containers(office.house, office.kari, "employees", None, ask))


async def _entries(office: Office, ask: PageAsk) -> object:
    return _unless_failed(await available_participants(office.house, office.kari, AvailableAsk("employees"), ask))


async def _search(office: Office, ask: PageAsk) -> object:
    return _unless_failed(await search_participants(office.house, office.kari, "k", None, None, ask))


def _unless_failed(page: object) -> object:
    """A source that is asked for what it cannot know would be warned of, and switched off in the end."""
    assert not getattr(page, "warnings", ())
    return page


_NUMBERED = [(one, other) for one in _NUMBERS for other in _NUMBERS]
_NAMED = [(one, other) for one in _TEXTS for other in _TEXTS]


@pytest.mark.parametrize(
    ("read", "kind", "forged"),
    [
        (_participants, "participants", _NUMBERED),
        (_follow_ups, "START", _NUMBERED),
        (_notifications, "notifications", _NUMBERED),
        (_invitations, "invitations", _NUMBERED),
        (_containers, "containers", _NAMED),
        (_entries, "entries", [(*one, *other) for one in _NAMED for other in _NAMED[::7]]),
        (_search, "search", [("employees", *one, *other) for one in _NAMED for other in _NAMED[::7]]),
        (_search, "search", [('{"employees": ["a\\u0000b", "x"]}',)]),
    ],
)
async def test_a_forged_cursor_is_answered_or_refused(
    office: Office, read: Read, kind: str, forged: list[tuple[CursorPart, ...]]
) -> None:
    codes = set[object]()

    for parts in forged:
        try:
            await read(office, PageAsk(5, cursor_of(kind, *parts)))
        except Unanswerable as refused:
            codes.add(refused.code)

    assert codes == {UnanswerableCode.INVALID_CURSOR}
