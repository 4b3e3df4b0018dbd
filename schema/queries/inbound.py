"""Mails that came in."""

from typing import Annotated

import strawberry

from invito.schema.connections import After, Connection, First
from invito.schema.fields import resolved
from invito.schema.inbound_message import InboundMessage
from invito.schema.inputs.follow_ups import follow_up_number
from invito.schema.left_out import named
from invito.schema.operation import Info
from invito.services.inbox.reading import inbound_count, inbound_page
from invito.services.itip.verdicts import InboundOutcome


@strawberry.type
class InboundQueries:
    @resolved(
        description="Mails that came in, the newest first, and what was made of them: for the owner of the "
        "follow-up that they are about; those about no known follow-up for administrators."
    )
    async def inbound_messages(
        self,
        info: Info,
        follow_up: Annotated[
            strawberry.ID | None, strawberry.argument(description="Those about this follow-up alone.")
        ] = strawberry.UNSET,
        outcome: Annotated[
            InboundOutcome | None, strawberry.argument(description="Those that did this alone.")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[InboundMessage]:
        house, caller, id_ = info.context.house, info.context.caller, named(follow_up)
        about, did = None if id_ is None else follow_up_number(id_), named(outcome)
        page = await inbound_page(house, caller, about, did, info.context.page_ask(first, after, 50))
        return Connection.of(page, InboundMessage.of, lambda: inbound_count(house, caller, about, did))
