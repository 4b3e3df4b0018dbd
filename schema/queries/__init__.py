"""What clients may ask."""

import strawberry

from invito.schema.queries.follow_ups import FollowUpQueries
from invito.schema.queries.inbound import InboundQueries
from invito.schema.queries.nodes import NodeQueries
from invito.schema.queries.participants import ParticipantQueries
from invito.schema.queries.plugins import PluginQueries


@strawberry.type(description="What clients may ask. What the viewer may not see is not found.")
class Query(NodeQueries, ParticipantQueries, FollowUpQueries, InboundQueries, PluginQueries):
    """All queries."""


__all__ = ["Query"]
