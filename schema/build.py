"""The schema as one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from invito.plugins.failures import PluginClash
from invito.plugins.graphql_types import GraphQLTypes
from invito.schema import enums as _described_enums  # noqa: F401  # types are read with their enums described
from invito.schema.brought_fields import fence_brought_fields, field_names
from invito.schema.compiled_fields import CompilingExecutor
from invito.schema.document_reading import BoundedParser, told_of_limits
from invito.schema.door import Door
from invito.schema.employee import Employee
from invito.schema.errors import answered, needs_stream, took_too_long, unauthenticated, without_suggestion
from invito.schema.follow_up import FollowUp
from invito.schema.given_up import GivenUp
from invito.schema.invitation import Invitation
from invito.schema.mutations import Mutation
from invito.schema.notification import Notification
from invito.schema.operation import Operation
from invito.schema.operation_limits import OperationLimits
from invito.schema.participant import Participant
from invito.schema.plain_inputs import note_plain_inputs
from invito.schema.queries import Query
from invito.schema.scalars import SCALARS
from invito.schema.scales import Scales
from invito.schema.subscription import Subscription
from invito.schema.whole_mutations import WholeMutations
from invito.schema.wrong_inputs import told_of_inputs

_DEFAULT_LIMITS = OperationLimits()

_NODES = (FollowUp, Participant, Employee, Invitation, Notification)
_ANSWERED_ONCE = frozenset({OperationType.QUERY, OperationType.MUTATION})

log = structlog.get_logger(__name__)


class InvitoSchema(strawberry.Schema):
    """A schema whose errors all have a code, and tell nothing that was not meant for clients."""

    limits: OperationLimits = _DEFAULT_LIMITS
    mutations: WholeMutations

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, object] | None = None,
        context_value: object = None,
        root_value: object = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, object] | None = None,
    ) -> ExecutionResult:
        """The answer of a query or a mutation; a subscription has more than one, which `stream` tells.

        :raises InvalidOperationTypeError: it is a query or a mutation, and not among those allowed.
        """
        allowed = _ANSWERED_ONCE.intersection(allowed_operation_types or _ANSWERED_ONCE)
        try:
            return await super().execute(
                query, variable_values, context_value, root_value, operation_name, allowed, operation_extensions
            )
        except InvalidOperationTypeError as refused:
            if refused.operation_type is not OperationType.SUBSCRIPTION:
                raise
            return ExecutionResult(None, [needs_stream()])
        except CannotGetOperationTypeError as problem:
            reason = problem.as_http_error_reason()
            return ExecutionResult(None, [answered(GraphQLError(reason, original_error=problem))])

    async def _execute_operation(self, execution_context: ExecutionContext, *more: Any) -> Any:
        """A query or a mutation, over whatever it was asked: in the time that it may take, and a mutation to its end.

        Strawberry's `execute` and `stream` both come by here, once it is known which of the two it is.
        """
        answer = self._in_time(super()._execute_operation(execution_context, *more), execution_context)
        if execution_context.operation_type is OperationType.MUTATION:
            return await self.mutations.to_its_end(answer)
        return await answer

    async def _in_time(self, answer: Awaitable[Any], execution_context: ExecutionContext) -> Any:
        """The answer; or that it took too long, and was cancelled."""
        began = time.perf_counter()
        patience = asyncio.timeout(self.limits.seconds)
        try:
            async with patience:
                return await answer
        except TimeoutError:
            if not patience.expired():
                raise
            given_up = GivenUp.because(took_too_long(self.limits.seconds, time.perf_counter() - began))
            # It may have no client any more.
            log.info("an operation was given up", type=execution_context.operation_type.value)
            # Whoever watches looks for errors there.
            execution_context.pre_execution_errors = given_up.errors
            return given_up

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        if execution_context is not None and isinstance(execution_context.context, Operation):
            told = told_of_inputs(errors, execution_context, explores=self.limits.explores)
            text = execution_context.query or ""
            errors[:] = [answered(told_of_limits(error, text, self.limits)) for error in told]
            if not self.limits.explores:
                errors[:] = [without_suggestion(error) for error in errors]
        else:
            errors[:] = [unauthenticated()]


def build_schema(
    brought: Mapping[str, GraphQLTypes] = MappingProxyType({}),
    limits: OperationLimits = _DEFAULT_LIMITS,
    watching: Sequence[Callable[[], SchemaExtension]] = (),
    mutations: WholeMutations | None = None,
) -> strawberry.Schema:
    """The schema, to be executed with an `invito.schema.context.Context`; operations may weigh as much as `limits` say.

    `brought` is what plugins add, by name; `watching` looks on at each operation, from outside all else. Whoever ends
    the house waits for `mutations` first.

    :raises PluginClash: two of them, or one and Invito, have a field of the same name.
    """
    scales = Scales()
    config = StrawberryConfig(scalar_map=SCALARS)
    schema = InvitoSchema(
        query=_with_fields(Query, {name: one.query for name, one in brought.items()}),
        mutation=_with_fields(Mutation, {name: one.mutation for name, one in brought.items()}),
        subscription=Subscription,
        types=[*_NODES, *(type_ for one in brought.values() for type_ in one.types)],
        extensions=[*watching, lambda: BoundedParser(limits), lambda: Door(limits, scales)],
        config=config,
        execution_context_class=CompilingExecutor,
    )
    schema.limits = limits
    schema.mutations = WholeMutations() if mutations is None else mutations
    fence_brought_fields(schema._schema, brought)
    note_plain_inputs(schema._schema, config)
    return schema


def _with_fields(ours: type, brought: Mapping[str, type | None]) -> type:
    """Our type with the fields that plugins bring."""
    parts = {plugin: type_ for plugin, type_ in brought.items() if type_ is not None}
    owner = dict.fromkeys(field_names(ours), "Invito")
    for plugin, type_ in parts.items():
        for field in field_names(type_):
            if field in owner:
                raise PluginClash(
                    f"Plugin {plugin} brings the field {field}, which {owner[field]} has: rename it, "
                    f"or block the plugin with INVITO_PLUGINS_BLOCKED={plugin}."
                )
            owner[field] = f"plugin {plugin}"
    return merge_types(ours.__name__, (ours, *parts.values())) if parts else ours
