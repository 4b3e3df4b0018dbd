"""What one operation may weigh, by the settings, which know nothing of GraphQL: the command line reads them too."""

from invito.schema.operation_limits import OperationLimits
from invito.settings import Settings


def operation_limits_of(settings: Settings) -> OperationLimits:
    return OperationLimits(
        settings.max_query_characters,
        settings.max_query_tokens,
        settings.max_query_fields,
        settings.max_query_depth,
        settings.max_query_aliases,
        settings.max_query_directives,
        settings.max_query_cost,
        settings.operation_seconds,
        settings.explore,
    )
