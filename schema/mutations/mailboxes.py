"""What viewers do with their own mailbox."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from invito.schema.fields import mutation
from invito.schema.inputs.mailboxes import SaveMailboxInput
from invito.schema.mailbox import Mailbox
from invito.schema.mutations.outcome import outcome_of
from invito.schema.operation import Info
from invito.schema.payloads import MailboxPayload
from invito.schema.viewer import Viewer
from invito.services.mailboxes import removing, saving, trying
from invito.services.mailboxes.reading import mailbox_seen_by
from invito.services.viewers import looked_at_anew

MailboxArgument = Annotated[
    SaveMailboxInput, strawberry.argument(name="input", description="The mailbox, with its servers.")
]


@strawberry.type
class MailboxMutations:
    @mutation(
        description="The viewer's own mailbox, in place of the one that was there: stored only if it works (name, TLS, "
        "login, folder: the error says which)."
    )
    async def save_mailbox(self, info: Info, input_: MailboxArgument) -> MailboxPayload:
        context = info.context
        return await _payload(info, saving.save_mailbox(context.house, context.caller, input_.wish()))

    @mutation(description="Whether a mailbox works, as `saveMailbox` would find it. Nothing is stored.")
    async def test_mailbox(self, info: Info, input_: MailboxArgument) -> MailboxPayload:
        context = info.context
        return await _payload(info, trying.try_mailbox(context.house, context.caller, input_.wish()))

    @mutation(
        description="Forgets the viewer's own mailbox: invitations go out from the service's again, where it has one."
    )
    async def remove_mailbox(self, info: Info) -> MailboxPayload:
        context = info.context
        return await _payload(info, removing.remove_mailbox(context.house, context.caller))


async def _payload(info: Info, use_case: Awaitable[None]) -> MailboxPayload:
    context = info.context
    _, errors = await outcome_of(info, use_case)
    context.caller = await looked_at_anew(context.house, context.caller)
    context.look_anew()
    seen = await mailbox_seen_by(context.house, context.caller)
    return MailboxPayload(
        viewer=Viewer.of(context.caller), mailbox=None if seen is None else Mailbox.of(seen), errors=errors
    )
