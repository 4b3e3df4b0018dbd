"""All that `invito mail check` looks at, one after the other: servers, a test mail, what DNS says."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from invito.plugins.contract import Language
from invito.services.deliverability.arrival import check_arrival
from invito.services.deliverability.dkim import check_dkim_keys, check_dkim_signatures
from invito.services.deliverability.dkim_record import signatures_of
from invito.services.deliverability.dmarc import check_dmarc
from invito.services.deliverability.dns_answers import DnsReader
from invito.services.deliverability.findings import Finding, Outcome, doubtful, good, wrong
from invito.services.deliverability.returned import authentication_findings
from invito.services.deliverability.returning import ReturnedMail, WatchedMailbox, await_return
from invito.services.deliverability.spf import check_spf
from invito.services.deliverability.trial_mail import TrialAddresses, trial_mail
from invito.services.mail.transports import DeliveryFailed, MailTransport
from invito.services.mailboxes.checking import imap_problem, smtp_problem
from invito.services.mailboxes.problems import MailboxProblem, MailServerFailure
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.values import Protocol

# The setting that is to be mended, by the field of a viewer's mailbox; the server's URL otherwise.
_SETTINGS = {"folder": "INVITO_IMAP_FOLDER", "address": "INVITO_MAIL_FROM, or whom the server lets send from it"}


@dataclass(frozen=True, slots=True)
class MailCheck:
    """What is to be looked at. `folder` stands in for `smtp`, and the plugin of the name `plugin` for both; `transport`
    is the way by whichever it is, None for none.

    Without `dns`, DNS is not asked: the domain is one that DNS never has. `has_other_way_in` tells that answers come
    in without IMAP. The test mail may take `wait_seconds` to come back.
    """

    address: str
    transport: MailTransport | None
    smtp: MailServer | None
    folder: str | None
    plugin: str | None
    mailbox: WatchedMailbox | None
    has_other_way_in: bool
    dns: DnsReader | None
    to: str | None = None
    selectors: Sequence[str] = ()
    trusted_servers: frozenset[str] = frozenset()
    wait_seconds: float = 60.0


async def check_mail(check: MailCheck) -> AsyncIterator[Finding]:
    """Everything that is found, as it is found."""
    addresses = TrialAddresses.of(check.address)
    works = True
    async for finding in _about_servers(check, addresses):
        works &= finding.outcome is not Outcome.WRONG
        yield finding
    returned = None
    if works:
        async for item in _about_test_mail(check, addresses):
            if isinstance(item, Finding):
                yield item
            else:
                returned = item
    if check.dns is None:
        yield doubtful(
            f"DNS: {addresses.domain} is a name that DNS never has (RFC 2606), so nothing is looked up.",
            "Set INVITO_MAIL_FROM to an address of a domain of yours before you send mail to the world.",
        )
        return
    async for finding in _about_dns(check, check.dns, addresses, returned):
        yield finding


async def _about_servers(check: MailCheck, addresses: TrialAddresses) -> AsyncIterator[Finding]:
    if check.plugin is not None:
        yield good(f"Way out: the plugin {check.plugin} takes the mails, in place of a server.")
    elif check.smtp is not None:
        problem = await smtp_problem(check.smtp, addresses.tagged, {check.smtp.host})
        yield _about_server(check.smtp, Protocol.SMTP, problem)
    elif check.folder is not None:
        yield doubtful(
            f"SMTP: the folder {check.folder} stands in for a server: no mail leaves this machine.",
            "Set INVITO_SMTP_URL to send mail to the world.",
        )
    else:
        yield wrong("SMTP: there is no way out for mail.", "Set INVITO_SMTP_URL, or INVITO_MAIL_FOLDER to try it.")
    if check.mailbox is not None:
        server = check.mailbox.server
        problem = await imap_problem(server, check.mailbox.folders[0], {server.host})
        yield _about_server(server, Protocol.IMAP, problem)
    elif not check.has_other_way_in:
        yield doubtful(
            "IMAP: nobody fetches what people answer in their mail programs.",
            "Set INVITO_IMAP_URL, or have mail brought by INVITO_LMTP_LISTEN or INVITO_INBOUND_SECRET.",
        )


async def _about_test_mail(check: MailCheck, addresses: TrialAddresses) -> AsyncIterator[Finding | ReturnedMail]:
    """What becomes of a mail to whom the operator names, and of one to the service's own address with a tag."""
    if check.transport is None:
        return
    if check.to is not None or check.mailbox is None:
        to = check.to or addresses.tagged
        finding, _ = await _send(check.transport, addresses, to)
        yield finding
    if check.mailbox is None:
        yield doubtful(
            f"Subaddressing: answers and bounces go to {addresses.with_tag('TAG')}, which has to arrive in the mailbox "
            f"of {addresses.plain}; without IMAP nobody can see here whether it does.",
            "Send a mail to such an address, and look whether Invito gets it.",
        )
        return
    finding, message_id = await _send(check.transport, addresses, addresses.tagged)
    yield finding
    if message_id is None:
        return
    try:
        returned = await await_return(check.mailbox, message_id, check.wait_seconds)
    except MailServerFailure as failure:
        problem = MailboxProblem.at(check.mailbox.server, Protocol.IMAP, failure, check.mailbox.folders[0])
        yield _about_server(check.mailbox.server, Protocol.IMAP, problem)
        return
    yield _about_return(check, addresses, returned)
    if returned is not None:
        yield returned


async def _send(transport: MailTransport, addresses: TrialAddresses, to: str) -> tuple[Finding, str | None]:
    """What became of a test mail, and its Message-ID where it was handed over."""
    mail = trial_mail(addresses, to, datetime.now(UTC))
    try:
        words = await transport.send(mail)
    except DeliveryFailed as failure:
        return wrong(f"Test mail: it was not taken for {to}: {failure.words}.", "See what the server says there."), None
    return good(f"Test mail: it was taken for {to}: {words}."), mail.message_id


def _about_return(check: MailCheck, addresses: TrialAddresses, returned: ReturnedMail | None) -> Finding:
    if returned is not None:
        return good(f"Subaddressing: the mail to {addresses.tagged} arrived in {returned.folder}.")
    assert check.mailbox is not None
    return wrong(
        f"Subaddressing: the mail to {addresses.tagged} was not in {check.mailbox.folders[0]} within "
        f"{check.wait_seconds:.0f} seconds. Answers and bounces go to such addresses.",
        f"Have {addresses.with_tag('anything')} delivered to the same mailbox and folder (RFC 5233; Postfix and "
        "Dovecot: recipient_delimiter = +). Look into the mail server's log, and at filters and spam folders; a slow "
        "server may need a longer --wait.",
    )


async def _about_dns(
    check: MailCheck, dns: DnsReader, addresses: TrialAddresses, returned: ReturnedMail | None
) -> AsyncIterator[Finding]:
    domain = addresses.domain
    for finding in await check_spf(dns, domain, None if check.smtp is None else check.smtp.host):
        yield finding
    dmarc = await check_dmarc(dns, domain)
    for finding in dmarc.findings:
        yield finding
    for finding in await check_dkim_keys(dns, domain, check.selectors):
        yield finding
    if returned is not None:
        for finding in await check_dkim_signatures(dns, domain, signatures_of(returned.raw), dmarc):
            yield finding
        for finding in authentication_findings(returned.raw, check.trusted_servers):
            yield finding
    elif not check.selectors:
        yield doubtful(
            "DKIM: selectors cannot be listed, and no test mail came back whose signature names one.",
            "Name yours with --dkim-selector, or set INVITO_IMAP_URL to have the test mail read.",
        )
    for finding in await check_arrival(dns, domain):
        yield finding


def _about_server(server: MailServer, protocol: Protocol, problem: MailboxProblem | None) -> Finding:
    if problem is None:
        return good(
            f"{protocol.value}: {server.host}, port {server.port}, works: name, encryption, login{_and(protocol)}."
        )
    to_do = _SETTINGS.get(problem.field, f"INVITO_{protocol.value}_URL")
    return wrong(f"{protocol.value}: {problem.sentence(Language.EN)}", f"Look at {to_do}.")


def _and(protocol: Protocol) -> str:
    return " and sender" if protocol is Protocol.SMTP else " and folder"
