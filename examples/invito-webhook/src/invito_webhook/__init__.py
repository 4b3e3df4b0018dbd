"""What happens to follow-ups is posted, signed, to addresses of yours, and again until it was taken."""

import typer

from invito.plugins import (
    EmailSent,
    FollowUpChanged,
    ParticipantsInvited,
    ParticipantsRemoved,
    PluginContext,
    StatusChanged,
    hookimpl,
)
from invito_webhook.settings import WebhookSettings
from invito_webhook.webhooks import Webhooks

settings_model = WebhookSettings
_running: list[Webhooks] = []


@hookimpl
async def invito_startup(context: PluginContext[WebhookSettings]) -> None:
    _running.append(await Webhooks.opened(context))


@hookimpl
async def invito_shutdown() -> None:
    await _running.pop().close()


@hookimpl
async def invito_email_sent(event: EmailSent) -> None:
    await _running[-1].take(event)


@hookimpl
async def invito_follow_up_changed(event: FollowUpChanged) -> None:
    await _running[-1].take(event)


@hookimpl
async def invito_participants_invited(event: ParticipantsInvited) -> None:
    await _running[-1].take(event)


@hookimpl
async def invito_participants_removed(event: ParticipantsRemoved) -> None:
    await _running[-1].take(event)


@hookimpl
async def invito_status_changed(event: StatusChanged) -> None:
    await _running[-1].take(event)


@hookimpl
def invito_commands(context: PluginContext[WebhookSettings]) -> typer.Typer:
    # Not before they are wanted: a service has no use for them.
    from invito_webhook.commands import commands_of  # noqa: PLC0415

    return commands_of(context.settings)
