"""The way out that a plugin brings, called within its bounds like everything of a plugin's."""

from invito.plugins.failures import PluginFailure
from invito.plugins.mail import MailPutOff, MailRefused, OutgoingMail
from invito.plugins.plugin_hooks import PluginHooks, PluginTransport
from invito.services.mail.transports import PermanentFailure, TemporaryFailure
from invito.services.mailboxes.problems import MailboxProblem

# As long as a server may take over a mail that it was handed.
_SENDING_SECONDS = 60.0


class PluginMailTransport:
    """Hands mails over to a plugin. What it keeps open is its own affair, closed when it is stopped."""

    def __init__(self, hooks: PluginHooks, way: PluginTransport) -> None:
        self._hooks, self._way = hooks, way

    @property
    def plugin(self) -> str:
        """The name of the plugin."""
        return self._way.plugin

    async def send(self, mail: OutgoingMail) -> str:
        """Hand the mail over; what the plugin said.

        :raises PermanentFailure: it will never take it.
        :raises TemporaryFailure: it does not take it now, or it failed: then it may have it.
        """
        try:
            return await self._hooks.send(self._way, mail, _SENDING_SECONDS)
        except MailRefused as refused:
            raise PermanentFailure(_words(refused)) from refused
        except MailPutOff as put_off:
            raise TemporaryFailure(_words(put_off), may_be_out=put_off.may_be_out) from put_off
        except PluginFailure as failure:
            raise no_way_by(failure, has_mail=failure.was_called) from failure

    async def close(self) -> None:
        """There is nothing of ours to let go of."""


def no_way_by(failure: PluginFailure, *, has_mail: bool) -> TemporaryFailure:
    """Of a plugin that failed, whatever the mail. `has_mail`: it may have been handed one."""
    # Of one that is left alone, for what: how much longer it is changes with each mail.
    what = failure.cause.values.get("last", failure.cause)
    problem = MailboxProblem.of_plugin(failure.plugin, str(what))
    words = f"plugin {failure.plugin} {failure.cause}"
    return TemporaryFailure(words, may_be_out=has_mail, problem=problem)


def _words(refusal: MailRefused | MailPutOff) -> str:
    """What it says; a plugin's exception may hold anything."""
    try:
        return str(refusal) or type(refusal).__name__
    except Exception:
        return type(refusal).__name__
