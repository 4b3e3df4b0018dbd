"""Which way a mail goes out: by the service's transport or a plugin's, or by the server of its owner's own mailbox."""

import asyncio
from datetime import datetime, timedelta

from invito.plugins.failures import PluginFailure
from invito.plugins.plugin_hooks import PluginHooks
from invito.services.mail.plugin_transport import PluginMailTransport, no_way_by
from invito.services.mail.smtp_transport import Connect, SmtpTransport
from invito.services.mail.transports import MailTransport, TemporaryFailure
from invito.services.mailboxes.servers import MailServer

_NOTED_EVERY = timedelta(seconds=30)
# Longer than a mail may take from here on, so that no connection is left of whoever was not used for so long.
_UNUSED_SECONDS = 900.0


class MailRoutes:
    """`service` is None where the service has no way out. `hooks` are asked first, whether a plugin has another.

    `connect` is how viewers' servers are reached. It has to judge where their names lead, since anybody may name any
    server (SSRF).
    """

    def __init__(self, service: MailTransport | None, connect: Connect, hooks: PluginHooks | None = None) -> None:
        self._service = service
        self._hooks = hooks
        self._asking = asyncio.Lock()
        self._connect = connect
        # Each with what lets it go once it is not used: the keys hold passwords.
        self._own: dict[MailServer, tuple[SmtpTransport, asyncio.TimerHandle]] = {}
        # When it was last noted that the service's way out works, so that not every mail is.
        self._noted_at: datetime | None = None

    async def transport_for(self, server: MailServer | None) -> MailTransport:
        """That of a viewer's own mailbox server, or the service's (None).

        :raises TemporaryFailure: the service has none, or a plugin that may have one fails to say.
        """
        if server is not None:
            return self._own_transport(server)
        await self._ask_plugins()
        if self._service is None:
            raise TemporaryFailure("there is no server to hand mail over to: set INVITO_SMTP_URL")
        return self._service

    def _own_transport(self, server: MailServer) -> SmtpTransport:
        transport, timer = self._own.get(server, (None, None))
        if timer is not None:
            timer.cancel()
        transport = transport or SmtpTransport(server, connect=self._connect)
        timer = asyncio.get_running_loop().call_later(_UNUSED_SECONDS, self._own.pop, server)
        self._own[server] = transport, timer
        return transport

    async def _ask_plugins(self) -> None:
        """Have the way of a plugin as the service's own, where there is one; asked until one answers."""
        async with self._asking:
            if self._hooks is None:
                return
            try:
                way = await self._hooks.mail_transport()
            except PluginFailure as failure:
                raise no_way_by(failure, has_mail=False) from failure
            if way is not None:
                self._service = PluginMailTransport(self._hooks, way)
            self._hooks = None

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether it is time to note that the service's way out works, which is taken as noted then."""
        if self._noted_at is not None and now - self._noted_at < _NOTED_EVERY:
            return False
        self._noted_at = now
        return True

    def service_failed(self) -> None:
        """What was noted is no longer so: the next mail that goes out is to be noted."""
        self._noted_at = None

    async def close(self) -> None:
        """Let go of all connections."""
        own = list(self._own.values())
        self._own.clear()
        for _, timer in own:
            timer.cancel()
        for transport in (self._service, *(one for one, _ in own)):
            if transport is not None:
                await transport.close()
