"""Whether a mailbox works: each of its servers is really asked."""

import asyncio
from collections.abc import Collection
from functools import partial

from invito.services.errors import Refusal, UserError, UserErrorCode
from invito.services.mailboxes.imap_sessions import ImapSession
from invito.services.mailboxes.imap_threads import imap_thread
from invito.services.mailboxes.problems import Fault, MailboxProblem, MailServerFailure
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.smtp_sessions import check_sender, smtp_session
from invito.services.mailboxes.values import Protocol
from invito.services.mailboxes.wishes import MailboxSetup

# Of each step, and of one server altogether: people wait for it.
_STEP_SECONDS = 5.0
_ALL_SECONDS = 9.0


async def check_mailbox(setup: MailboxSetup, private_hosts: Collection[str]) -> None:
    """Log in at both servers, side by side; nothing is sent, and nothing of the folder is changed.

    :raises Refusal: MAILBOX_FAILED, for each server that cannot be used, with the field that is to be mended.
    """
    problems = await problems_of(setup, private_hosts)
    # A user name that both refuse is one thing to mend.
    told = {problem.field: problem for problem in reversed(problems)}
    if told:
        raise Refusal(*(_error(problem) for problem in reversed(told.values())))


async def problems_of(setup: MailboxSetup, private_hosts: Collection[str]) -> list[MailboxProblem]:
    """What is wrong with the servers, SMTP's first; nothing where all is well."""
    looks = [smtp_problem(setup.smtp, setup.address, private_hosts)]
    if setup.imap is not None:
        looks.append(imap_problem(setup.imap, setup.folder, private_hosts))
    return [problem for problem in await asyncio.gather(*looks) if problem is not None]


async def smtp_problem(server: MailServer, address: str, private_hosts: Collection[str]) -> MailboxProblem | None:
    """What is wrong with a server that mail is to be handed over to, from this address; None where all is well."""
    try:
        async with (
            asyncio.timeout(_ALL_SECONDS),
            smtp_session(server, may_be_private=server.host in private_hosts, seconds=_STEP_SECONDS) as session,
        ):
            await check_sender(session, server, address)
    except (MailServerFailure, TimeoutError) as failure:
        return MailboxProblem.at(server, Protocol.SMTP, _as_failure(failure), address)
    return None


async def imap_problem(server: MailServer, folder: str, private_hosts: Collection[str]) -> MailboxProblem | None:
    """What is wrong with a server that a folder is to be read at; None where all is well."""
    try:
        async with (
            asyncio.timeout(_ALL_SECONDS),
            imap_thread(server, may_be_private=server.host in private_hosts, seconds=_STEP_SECONDS) as thread,
        ):
            await thread.do(partial(ImapSession.select, folder=folder, is_read_only=True))
    except (MailServerFailure, TimeoutError) as failure:
        return MailboxProblem.at(server, Protocol.IMAP, _as_failure(failure), folder)
    return None


def _as_failure(failure: MailServerFailure | TimeoutError) -> MailServerFailure:
    return failure if isinstance(failure, MailServerFailure) else MailServerFailure(Fault.NO_ANSWER)


def _error(problem: MailboxProblem) -> UserError:
    return UserError(UserErrorCode.MAILBOX_FAILED, problem.sentence(), (problem.field,))
