"""A short way for what is selected of plain objects: compiled once for an operation, and applied to each object.

Most of what a long page costs is executing its fields one by one. What the short way answers is what the long way
would; as soon as anything is not as expected, the library goes the long way, so that errors are its own.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, NamedTuple

from graphql import GraphQLNonNull, GraphQLObjectType

from invito.schema.checked_leaves import LeafCheckingExecutor
from invito.schema.compiled_operations import compiled_operation
from invito.schema.field_compiler import Compiled, Grouped


class _Way(NamedTuple):
    """What is compiled of a selection, and what is left to the library."""

    grouped: Grouped
    compiled: Compiled | None
    others: Grouped


class CompilingExecutor(LeafCheckingExecutor):
    """Answers plain attributes by compiled code, and leaves all other fields to the library."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By the identity of a collected selection: the library collects once for all objects of a list.
        self._ways: dict[int, _Way] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        _, compiled, others = self._ways.get(id(grouped_field_set)) or self._way(parent_type, grouped_field_set)
        if compiled is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        try:
            results = compiled.read(source_value)
        except Exception:  # the long way meets it again, and makes an error of it
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if not others:
            return results
        answered = super().execute_fields(parent_type, source_value, path, others, position_context)
        return results | answered if isinstance(answered, dict) else _with_later(results, answered)

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, position_context: Any
    ) -> Any:
        type_ = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
        if isinstance(type_, GraphQLObjectType) and items and items.__class__ in (list, tuple):
            try:
                _, compiled, others = self._way_beneath(type_, field_details_list)
                if compiled is not None and not others:
                    read, or_none = compiled.read, type_ is item_type
                    return [None if or_none and item is None else read(item) for item in items]
            except Exception:  # noqa: S110  # the long way meets it again
                pass
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    def _way_beneath(self, type_: GraphQLObjectType, details: Any) -> _Way:
        grouped = self._collected(type_, details)
        return self._ways.get(id(grouped)) or self._way(type_, grouped)

    def _way(self, type_: GraphQLObjectType, grouped: Grouped) -> _Way:
        compiled = self._compiled(type_, grouped)
        others = () if compiled is None else compiled.others
        way = self._ways[id(grouped)] = _Way(grouped, compiled, {name: grouped[name] for name in others})
        return way

    def _compiled(self, type_: GraphQLObjectType, grouped: Grouped) -> Compiled | None:
        # Extensions that see each field are to see all of them.
        if self.middleware_manager is not None and self.middleware_manager.middlewares:
            return None
        operation = compiled_operation(self.schema, self.operation, self.fragment_definitions)
        return operation.selection(type_, grouped, self.variable_values.coerced, self._collected)

    def _collected(self, type_: GraphQLObjectType, details: Any) -> Grouped:
        return self.collect_subfields(type_, details).grouped_field_set


async def _with_later(results: dict[str, object], answered: Awaitable[Mapping[str, object]]) -> dict[str, object]:
    return results | dict(await answered)
