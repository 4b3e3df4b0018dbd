"""What an operator sets about mail."""

from dataclasses import dataclass
from datetime import timedelta

# Whose domains say nothing of who writes: anybody gets an address there (ITIP.md, In, rule 5).
PUBLIC_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com hotmail.no live.com live.no msn.com yahoo.com yahoo.no ymail.com
    icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.com yandex.ru proton.me
    protonmail.com pm.me fastmail.com fastmail.fm hey.com tutanota.com tuta.io zoho.com online.no broadpark.no
       c2i.net frisurf.no start.no lyse.net altibox.no telenor.no bbnett.no qq.com 163.com 126.com naver.com orange.fr
    free.fr laposte.net wanadoo.fr libero.it t-online.de freenet.de telia.com comhem.se spray.se bredband.net jubii.dk
    """.split()
)


@dataclass(frozen=True, slots=True)
class MailRules:
    """`delay` is how long a mail waits, so that changes in quick succession become one; `greatest_age` how long it is
    tried. `public_url` is where the answer page is, None where mails have no answer links. Authentication-Results count
    where a server of `trusted_servers` wrote them. Viewers' mailboxes may be at `mailbox_hosts`
    whatever their addresses. An owner invites at most `most_invitations_an_hour` by mail; what is more than
    `most_mails_to_address_an_hour` to one address is put off.
    """

    delay: timedelta = timedelta(seconds=30)
    greatest_age: timedelta = timedelta(days=3)
    public_url: str | None = None
    trusted_servers: frozenset[str] = frozenset()
    public_providers: frozenset[str] = PUBLIC_PROVIDERS
    mailbox_hosts: frozenset[str] = frozenset()
    most_invitations_an_hour: int = 5_000
    most_mails_to_address_an_hour: int = 100
