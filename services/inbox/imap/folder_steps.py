"""What is asked of a server about a folder, each in one step of a session's thread."""

import imaplib
import re
from collections.abc import Sequence
from datetime import date

from imap_tools.errors import MailboxFetchError

from invito.services.inbox.imap.concerning import MailOutline
from invito.services.mailboxes.imap_sessions import ImapSession, flat

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_STRUCTURE = re.compile(rb"BODYSTRUCTURE ", re.IGNORECASE)
# Month names of IMAP, whatever the system's language (RFC 9051 §9, date-month).
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def open_folder(session: ImapSession, folder: str, move_to: str | None) -> tuple[int, int]:
    """UIDVALIDITY and UIDNEXT of the folder, which is only read where nothing is to be moved; 0 for what is not told.

    :raises MailServerFailure: there is no such folder.
    """
    if move_to is not None and not session.box.folder.exists(move_to):
        session.box.folder.create(move_to)
    session.select(folder, is_read_only=move_to is None)
    return session.number("UIDVALIDITY"), session.number("UIDNEXT")


def uids_after(session: ImapSession, last: int, since: date | None = None) -> list[int]:
    """The numbers above `last` of the mails that are there, ascending; of those since a day, where one is named."""
    # Some servers tell of new mails only where they are asked for nothing.
    session.client.noop()
    session.client.response("EXISTS")
    criteria = f"UID {last + 1}:*"
    if since is not None:
        criteria += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
    # `*` is the last mail, whatever its number (RFC 9051 §9, seq-range).
    return sorted(uid for uid in map(int, session.box.uids(criteria, None)) if uid > last)


def outline_of(session: ImapSession, uid: int) -> MailOutline | None:
    """What the server tells of a mail, None where it is gone.

    :raises MailboxFetchError: the server does not give it.
    """
    said = _fetched(session, uid, "(RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (RETURN-PATH)])")
    text = flat(said)
    size = _SIZE.search(text)
    if size is None:
        return None
    headers = next((part[1] for part in said if isinstance(part, tuple) and b"HEADER.FIELDS" in part[0]), b"")
    structure = _STRUCTURE.search(text)
    return MailOutline(int(size.group(1)), b"" if structure is None else text[structure.end() :], headers)


def size_of(session: ImapSession, uid: int) -> int | None:
    """A mail's size in bytes, None where it is gone.

    :raises MailboxFetchError: the server does not tell it.
    """
    size = _SIZE.search(flat(_fetched(session, uid, "(RFC822.SIZE)")))
    return None if size is None else int(size.group(1))


def raw_mail(session: ImapSession, uid: int, most_bytes: int | None = None) -> bytes | None:
    """A mail's bytes, or the first of them; None where it is gone. It stays marked as it was.

    :raises MailboxFetchError: the server does not give it.
    """
    part = "BODY.PEEK[]" if most_bytes is None else f"BODY.PEEK[]<0.{most_bytes}>"
    said = _fetched(session, uid, f"({part})")
    return next((piece[1] for piece in said if isinstance(piece, tuple) and b"BODY[]" in piece[0].upper()), None)


def move(session: ImapSession, uids: Sequence[int], folder: str) -> None:
    """Move mails to another folder (RFC 6851), or copy and delete them where the server cannot move."""
    session.box.move([str(uid) for uid in uids], folder)


def can_idle(session: ImapSession) -> bool:
    return "IDLE" in session.client.capabilities


def wait_for_news(session: ImapSession, seconds: float) -> None:
    """Until the server says something, `seconds` at most; then it has to answer, so that a dead connection is found.

    Not at all where it told of a new mail in passing since `uids_after`: it does not tell twice.
    """
    if session.client.response("EXISTS")[1] != [None]:
        return
    idle = session.box.idle
    idle.start()
    if not _has_spoken(session.client):
        idle.poll(seconds)
    idle.stop()


def _has_spoken(client: imaplib.IMAP4) -> bool:
    """Whether something was read along with the last answer: no waiting for the network would tell of it."""
    timeout = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client.readline())
    except OSError:  # nothing is there yet
        return False
    finally:
        client.sock.settimeout(timeout)


def _fetched(session: ImapSession, uid: int, parts: str) -> list[bytes | tuple[bytes, bytes] | None]:
    status, said = session.client.uid("FETCH", str(uid), parts)
    if status != "OK":
        raise MailboxFetchError(command_result=(status, said), expected="OK")
    return list(said)
