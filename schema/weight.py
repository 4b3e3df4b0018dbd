"""What an operation weighs: how deep it is, how often it names fields anew, and how many objects it asks for.

Weighed before anything is carried out, by the sizes of the pages, whatever they will hold. A fragment is weighed once,
however often it is spread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

_PAGE, _IDS = "first", "ids"
# Parts of a page, whose items are what counts.
_PAGE_TYPES = ("Connection", "Edge")
_PARTS_OF_PAGES = frozenset({"nodes", "edges", "node", "pageInfo"})
# Selections one within the other, fragments among them: as many as a dialog has three times over.
MOST_LEVELS = 50


class TooManyLevels(Exception):
    """Nobody looks further down."""


@dataclass(slots=True)
class Weight:
    """What selections weigh. Depth is that of fields one within the other; what asks about the schema has its own."""

    levels: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    introspections: int = 0
    introspection_depth: int = 0

    def add(self, other: "Weight") -> None:
        """What stands beside it."""
        self.levels = max(self.levels, other.levels)
        self.depth = max(self.depth, other.depth)
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.aliases += other.aliases
        self.directives += other.directives
        self.cost += other.cost
        self.introspections += other.introspections


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The one that is carried out; None where it is unclear which, which is told elsewhere."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((one for one in operations if _text(one.name) == name), None)


def weight_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, object],
    most_on_a_page: int,
) -> Weight:
    """The weight of an operation of a valid document. Its cost: one for each field of the root and each object, those
    of a page once an item.

    A page is as long as it says; one that says nothing, or a size that its resolver refuses, as long as it would be.

    :raises TooManyLevels: there are more than MOST_LEVELS.
    """
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode)
    }
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    weighing = _Weighing(schema, fragments, defaults | dict(variables), most_on_a_page, root)
    weight = weighing.within(operation.selection_set, root, 1)
    if weight.levels > MOST_LEVELS:
        raise TooManyLevels
    weight.cost = max(weight.cost, 1)
    definitions = operation.variable_definitions or ()
    weight.directives += len(operation.directives or ()) + sum(len(one.directives or ()) for one in definitions)
    return weight


@dataclass(slots=True)
class _Weighing:
    """`known` is what a fragment weighs, so that one that is spread a thousand times is looked at once."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, object]
    most_on_a_page: int
    root: GraphQLObjectType | None
    known: dict[str, Weight] = field(default_factory=dict)

    def within(self, selections: SelectionSetNode | None, parent: object, level: int) -> Weight:
        """
        :raises TooManyLevels: there are more levels below than may be.
        """
        if selections is None:
            return Weight()
        if level > MOST_LEVELS:
            raise TooManyLevels
        sum_ = Weight()
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                sum_.add(self._of_field(selection, parent, level))
            elif isinstance(selection, InlineFragmentNode):
                on = _text(selection.type_condition.name) if selection.type_condition else None
                sum_.add(self.within(selection.selection_set, self.schema.get_type(on) if on else parent, level + 1))
            elif isinstance(selection, FragmentSpreadNode):
                sum_.add(self._of_fragment(selection.name.value, level))
            sum_.directives += len(selection.directives or ())
        sum_.levels += 1
        return sum_

    def _of_fragment(self, name: str, level: int) -> Weight:
        if name not in self.known:
            fragment = self.fragments[name]
            parent = self.schema.get_type(fragment.type_condition.name.value)
            self.known[name] = self.within(fragment.selection_set, parent, level + 1)
            self.known[name].directives += len(fragment.directives or ())
        return self.known[name]

    def _of_field(self, node: FieldNode, parent: object, level: int) -> Weight:
        name = node.name.value
        known = parent.fields.get(name) if isinstance(parent, _HAS_FIELDS) else None
        if known is None:
            return self._of_introspection(node, level)
        inner = get_named_type(known.type)
        weight = self.within(node.selection_set, inner, level + 1)
        weight.depth += 1
        weight.aliases += node.alias is not None
        size = self._size(node, known)
        if size is not None:
            weight.cost = size * (1 + weight.cost)
        elif _is_object(inner) and not _is_part_of_page(parent, name):
            weight.cost += 1
        if parent is self.root:
            weight.cost = max(weight.cost, 1)
        return weight

    def _of_introspection(self, node: FieldNode, level: int) -> Weight:
        """`__schema` and `__type`, which lead to fields that all cost nothing; `__typename` weighs nothing either."""
        name = node.name.value
        aliases = int(node.alias is not None)
        if name not in ("__schema", "__type"):
            return Weight(depth=1, aliases=aliases)
        about = self.within(node.selection_set, self.schema.get_type(name[:2] + name[2:].capitalize()), level + 1)
        return Weight(
            levels=about.levels,
            aliases=about.aliases + aliases,
            directives=about.directives,
            cost=1,
            introspections=1,
            introspection_depth=about.depth + 1,
        )

    def _size(self, node: FieldNode, known: GraphQLField) -> int | None:
        """How many items a field asks for: a page's, or those whose ids are given; None where it is none of these."""
        if _IDS in known.args:
            return self._number_of_ids(node)
        if _PAGE not in known.args:
            return None
        size: object = known.args[_PAGE].default_value
        for argument in node.arguments or ():
            if argument.name.value == _PAGE:
                value = argument.value
                size = self.variables.get(value.name.value, size) if isinstance(value, VariableNode) else size
                size = int(value.value) if isinstance(value, IntValueNode) else size
        return min(max(size, 0), self.most_on_a_page) if isinstance(size, int) else self.most_on_a_page

    def _number_of_ids(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == _IDS:
                value: object = argument.value
                value = self.variables.get(value.name.value) if isinstance(value, VariableNode) else value
                value = value.values if isinstance(value, ListValueNode) else value
                return len(value) if isinstance(value, (list, tuple)) else 1
        return 1


_HAS_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)
_OBJECTS = (*_HAS_FIELDS, GraphQLUnionType)


def _is_object(type_: object) -> bool:
    return isinstance(type_, _OBJECTS) and not type_.name.startswith("__")


def _is_part_of_page(parent: object, name: str) -> bool:
    return isinstance(parent, _HAS_FIELDS) and parent.name.endswith(_PAGE_TYPES) and name in _PARTS_OF_PAGES


def _text(name: NameNode | None) -> str | None:
    return None if name is None else name.value
