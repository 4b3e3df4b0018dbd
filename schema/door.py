"""What every operation passes first: nobody gets in unknown, each gets loaders and a language of its own, and it is
clear which operation of a document is meant, and bounded what it asks for."""

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from invito.schema.context import Context
from invito.schema.document_reading import mistakes_in
from invito.schema.errors import rate_limited, unauthenticated
from invito.schema.operation import Operation
from invito.schema.operation_limits import OperationLimits, excess
from invito.schema.scales import Scales
from invito.services.language import current_language, translate


class Door(SchemaExtension):
    """Refuses callers whom nobody knows before anything of the schema is told; validates what others ask."""

    def __init__(self, limits: OperationLimits, scales: Scales) -> None:
        super().__init__()
        self._limits = limits
        self._scales = scales

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context.context
        if isinstance(context, Context) and context.caller is not None:
            current_language.set(context.caller.language)
            self.execution_context.context = Operation(context.house, context.caller, context.identify_anew)
        yield

    def on_validate(self) -> Iterator[None]:
        if not isinstance(self.execution_context.context, Operation):
            self.execution_context.pre_execution_errors = [unauthenticated()]
            yield
            return
        # What is kept is everybody's, and errors are rewritten for each who gets them.
        errors = mistakes_in(self.execution_context.schema._schema, self.execution_context.query or "", self._limits)
        self.execution_context.pre_execution_errors = [*errors, *self._unclear_choice()]
        if not errors:
            self.execution_context.pre_execution_errors += self._excess()
        yield

    def get_results(self) -> dict[str, object]:
        """What the operation cost, and what its viewer has left by now: an event may come long after it was paid."""
        asked = self.execution_context.context
        if not isinstance(asked, Operation) or asked.cost is None:
            return {}
        balance = asked.house.budget.look(asked.caller.identity.email, asked.cost, asked.house.now)
        if balance is None:
            return {}
        return {
            "cost": {
                "requested": balance.requested,
                "limit": balance.limit,
                "left": balance.left,
                "renewsAt": balance.renews_at.isoformat(),
            }
        }

    def _excess(self) -> Iterator[GraphQLError]:
        """What a valid document asks for beyond the bound."""
        context = self.execution_context
        if context.graphql_document is None:
            return
        most_on_a_page: int = context.context.house.rules.most_on_a_page
        weight = self._scales.weigh(
            context.schema._schema,
            context.query or "",
            context.graphql_document,
            context._provided_operation_name,
            context.variables or {},
            most_on_a_page,
        )
        if weight is None:
            return
        found = excess(weight, self._limits, most_on_a_page)
        if found is not None:
            yield found
            return
        asked: Operation = context.context
        if context.operation_type is OperationType.SUBSCRIPTION:
            problem = asked.house.watches.excess(asked.caller.identity.email)
            if problem is not None:
                yield GraphQLError(problem.message, original_error=problem)
                return
        asked.cost = weight.cost
        balance = asked.house.budget.take(asked.caller.identity.email, weight.cost, asked.house.now)
        if balance is not None and not balance.is_enough:
            yield rate_limited(balance)

    def _unclear_choice(self) -> Iterator[GraphQLError]:
        """GraphQL §6.1 demands an error here; Strawberry would carry out the first operation."""
        document = self.execution_context.graphql_document
        if self.execution_context._provided_operation_name is not None or document is None:
            return
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if len(operations) > 1:
            message = translate("There are several operations in it: name the one to carry out in operationName.")
            yield GraphQLError(message, nodes=operations)
