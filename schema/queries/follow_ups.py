"""Follow-ups, invitations, and the open dialog before Save."""

from typing import Annotated

import strawberry

from invito.schema.connections import After, Connection, First
from invito.schema.fields import resolved
from invito.schema.follow_up import FollowUp
from invito.schema.inputs.follow_ups import FollowUpFilter, follow_up_number
from invito.schema.inputs.invitations import InvitationFilter
from invito.schema.inputs.roster import InvitationDraftInput
from invito.schema.invitation import Invitation
from invito.schema.left_out import named
from invito.schema.operation import Info
from invito.schema.preview import InvitationPreview
from invito.schema.queries.nodes import not_found
from invito.services.invitations import follow_up_pages, previewing
from invito.services.invitations import received as invitations
from invito.services.invitations.follow_up_pages import FollowUpOrder


@strawberry.type
class FollowUpQueries:
    @resolved(description="One follow-up.")
    async def follow_up(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its `id`.")]
    ) -> FollowUp | None:
        found = await info.context.loaders.follow_up(follow_up_number(id_))
        if found is None:
            raise not_found("id")
        return FollowUp.of(found)

    @resolved(description="The follow-ups that the viewer may see.")
    async def follow_ups(
        self,
        info: Info,
        filter_: Annotated[
            FollowUpFilter | None, strawberry.argument(name="filter", description="Which of them; all without.")
        ] = strawberry.UNSET,
        order_by: Annotated[
            FollowUpOrder | None, strawberry.argument(description="In which order.")
        ] = FollowUpOrder.START,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[FollowUp]:
        house, caller, given = info.context.house, info.context.caller, named(filter_)
        wanted = follow_up_pages.FollowUpFilter() if given is None else given.asked()
        ask = info.context.page_ask(first, after, 50)
        page = await follow_up_pages.follow_up_page(house, caller, wanted, order_by or FollowUpOrder.START, ask)
        info.context.loaders.know(page.items)
        return Connection.of(page, FollowUp.of, lambda: follow_up_pages.follow_up_count(house, caller, wanted))

    @resolved(
        description="What the viewer is invited to (with `showResponses`, also what others answered), newest first."
    )
    async def invitations(
        self,
        info: Info,
        filter_: Annotated[
            InvitationFilter | None,
            strawberry.argument(name="filter", description="Which of them; what waits for an answer without."),
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[Invitation]:
        house, caller, given = info.context.house, info.context.caller, named(filter_)
        wanted = invitations.InvitationFilter() if given is None else given.asked()
        page = await invitations.invitation_page(house, caller, wanted, info.context.page_ask(first, after, 50))
        return Connection.of(page, Invitation.of, lambda: invitations.invitation_count(house, caller, wanted))

    @resolved(description="What saving would do, without doing it: the open dialog before Save.")
    async def invitation_preview(
        self,
        info: Info,
        draft: Annotated[InvitationDraftInput, strawberry.argument(description="What the dialog holds.")],
    ) -> InvitationPreview:
        house, caller = info.context.house, info.context.caller
        create, save = named(draft.create), named(draft.save)
        if create is not None:
            return InvitationPreview.of(await previewing.preview_creation(house, caller, create.command()))
        assert save is not None  # @oneOf
        return InvitationPreview.of(await previewing.preview_save(house, caller, save.command()))
