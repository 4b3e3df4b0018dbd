"""How many items an operation may ask for, and how deep: a page within a page is asked for once an item (TRUST.md).

Counted before anything is carried out, by the sizes of the pages, whatever they will hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from invito.schema.errors import beyond_limit
from invito.services.language import translate

_PAGE = "first"
# As many as a dialog has three times over; a document within its tokens could have hundreds.
_MOST_LEVELS = 50


def excess(
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None,
    variables: Mapping[str, Any],
    most: int,
    most_on_a_page: int,
) -> GraphQLError | None:
    """The refusal of an operation of a valid document that asks for more items or is too deep; None where it is fine.

    A page is as long as it says; one that says nothing, or a size that its resolver refuses, as long as it would be.
    """
    operation = _operation(document, name)
    root = None if operation is None else schema.get_root_type(operation.operation)
    if operation is None or root is None:
        return None
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode)
    }
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    try:
        counting = _Counting(schema, fragments, defaults | dict(variables), most_on_a_page)
        items = counting.within(operation.selection_set, root, 1)
    except _TooDeep:
        message = translate("It has more than {limit} levels, one within the other: ask in several operations.")
        return beyond_limit(message, _MOST_LEVELS, _MOST_LEVELS + 1)
    if items <= most:
        return None
    message = translate("It asks for more than {limit} items, pages within pages: ask for smaller pages.")
    return beyond_limit(message, most, items)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The one that is carried out; None where it is unclear which, which is told elsewhere."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((one for one in operations if _text(one.name) == name), None)


class _TooDeep(Exception):
    """Nobody looks further down."""


@dataclass(slots=True)
class _Counting:
    """`counted` is what a fragment asks for, so that one that is spread a thousand times is looked at once."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    most_on_a_page: int
    counted: dict[str, int] = field(default_factory=dict)

    def within(self, selections: SelectionSetNode | None, parent: object, level: int) -> int:
        """
        :raises _TooDeep: there are more levels below than may be.
        """
        if level > _MOST_LEVELS:
            raise _TooDeep
        items = 0
        for selection in selections.selections if selections is not None else ():
            if isinstance(selection, FieldNode):
                items += self._of_field(selection, parent, level)
            elif isinstance(selection, InlineFragmentNode):
                on = _text(selection.type_condition.name) if selection.type_condition else None
                items += self.within(selection.selection_set, self.schema.get_type(on) if on else parent, level + 1)
            elif isinstance(selection, FragmentSpreadNode):
                items += self._of_fragment(selection.name.value, level)
        return items

    def _of_fragment(self, name: str, level: int) -> int:
        if name not in self.counted:
            fragment = self.fragments[name]
            parent = self.schema.get_type(fragment.type_condition.name.value)
            self.counted[name] = self.within(fragment.selection_set, parent, level + 1)
        return self.counted[name]

    def _of_field(self, node: FieldNode, parent: object, level: int) -> int:
        known = parent.fields.get(node.name.value) if isinstance(parent, _HAS_FIELDS) else None
        if known is None:  # of introspection
            return 0
        inner = self.within(node.selection_set, get_named_type(known.type), level + 1)
        size = self._page_size(node, known)
        return inner if size is None else size * (1 + inner)

    def _page_size(self, node: FieldNode, known: GraphQLField) -> int | None:
        if _PAGE not in known.args:
            return None
        size: object = known.args[_PAGE].default_value
        for argument in node.arguments or ():
            if argument.name.value == _PAGE:
                value = argument.value
                size = self.variables.get(value.name.value, size) if isinstance(value, VariableNode) else size
                size = int(value.value) if isinstance(value, IntValueNode) else size
        return min(max(size, 0), self.most_on_a_page) if isinstance(size, int) else self.most_on_a_page


_HAS_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def _text(name: NameNode | None) -> str | None:
    return None if name is None else name.value
