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


@dataclass(slots=True)
class Weight:
    """What selections weigh. Depth is that of fields one within the other; what asks about the schema has its own. Of
    arguments `ids` the longest counts, and of arguments `first` the largest."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    ids: int = 0
    first: int = 0
    introspections: int = 0
    introspection_depth: int = 0

    def add(self, other: "Weight") -> None:
        """What stands beside it."""
        self.depth = max(self.depth, other.depth)
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.ids = max(self.ids, other.ids)
        self.first = max(self.first, other.first)
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
    """The weight of an operation of a valid document, no deeper than `mistakes_in` lets it be. Its cost: one for each
    field of the root and each object, those of a page once an item.

    A page is as long as it says; one that says nothing, or a size that is refused, as long as it would be.
    """
    defaults = {
        one.variable.name.value: one.default_value
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    weighing = _Weighing(schema, fragments, defaults | dict(variables), most_on_a_page, root)
    weight = weighing.within(operation.selection_set, root)
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

    def within(self, selections: SelectionSetNode | None, parent: object) -> Weight:
        if selections is None:
            return Weight()
        sum_ = Weight()
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                sum_.add(self._of_field(selection, parent))
            elif isinstance(selection, InlineFragmentNode):
                on = _text(selection.type_condition.name) if selection.type_condition else None
                sum_.add(self.within(selection.selection_set, self.schema.get_type(on) if on else parent))
            elif isinstance(selection, FragmentSpreadNode):
                sum_.add(self._of_fragment(selection.name.value))
            sum_.directives += len(selection.directives or ())
        return sum_

    def _of_fragment(self, name: str) -> Weight:
        if name not in self.known:
            fragment = self.fragments[name]
            parent = self.schema.get_type(fragment.type_condition.name.value)
            self.known[name] = self.within(fragment.selection_set, parent)
            self.known[name].directives += len(fragment.directives or ())
        return self.known[name]

    def _of_field(self, node: FieldNode, parent: object) -> Weight:
        name = node.name.value
        known = parent.fields.get(name) if isinstance(parent, _HAS_FIELDS) else None
        if known is None:
            return self._of_introspection(node)
        inner = get_named_type(known.type)
        weight = self.within(node.selection_set, inner)
        weight.depth += 1
        weight.aliases += node.alias is not None
        ids = self._number_of_ids(node) if _IDS in known.args else None
        weight.ids = max(weight.ids, ids or 0)
        weight.first = max(weight.first, self._first(node) if _PAGE in known.args else 0)
        size = self._size(node, known) if ids is None else ids
        if size is not None:
            weight.cost = size * (1 + weight.cost)
        elif _is_object(inner) and not _is_part_of_page(parent, name):
            weight.cost += 1
        if parent is self.root:
            weight.cost = max(weight.cost, 1)
        return weight

    def _of_introspection(self, node: FieldNode) -> Weight:
        """`__schema` and `__type`, which lead to fields that all cost nothing; `__typename` weighs nothing either."""
        name = node.name.value
        aliases = int(node.alias is not None)
        if name not in ("__schema", "__type"):
            return Weight(depth=1, aliases=aliases)
        about = self.within(node.selection_set, self.schema.get_type(name[:2] + name[2:].capitalize()))
        return Weight(
            aliases=about.aliases + aliases,
            directives=about.directives,
            cost=1,
            introspections=1,
            introspection_depth=about.depth + 1,
        )

    def _size(self, node: FieldNode, known: GraphQLField) -> int | None:
        """How many items a field asks for; None where it is no page."""
        if _PAGE not in known.args:
            return None
        size = _number(self._value(node, _PAGE, known.args[_PAGE].default_value))
        return self.most_on_a_page if size is None else min(max(size, 0), self.most_on_a_page)

    def _first(self, node: FieldNode) -> int:
        """How many items the client itself asks for; 0 where it says nothing."""
        return _number(self._value(node, _PAGE, None)) or 0

    def _number_of_ids(self, node: FieldNode) -> int:
        ids = self._value(node, _IDS, None)
        ids = ids.values if isinstance(ids, ListValueNode) else ids
        return len(ids) if isinstance(ids, list | tuple) else 1

    def _value(self, node: FieldNode, argument: str, default: object) -> object:
        """What is given for an argument: written in the document, or the value of a variable."""
        for one in node.arguments or ():
            if one.name.value == argument:
                value = one.value
                return self.variables.get(value.name.value, default) if isinstance(value, VariableNode) else value
        return default


_HAS_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)
_OBJECTS = (*_HAS_FIELDS, GraphQLUnionType)


def _is_object(type_: object) -> bool:
    return isinstance(type_, _OBJECTS) and not type_.name.startswith("__")


def _is_part_of_page(parent: object, name: str) -> bool:
    return isinstance(parent, _HAS_FIELDS) and parent.name.endswith(_PAGE_TYPES) and name in _PARTS_OF_PAGES


def _number(value: object) -> int | None:
    """The number that is written or that a variable holds; None where it is none."""
    value = int(value.value) if isinstance(value, IntValueNode) else value
    return value if isinstance(value, int) else None


def _text(name: NameNode | None) -> str | None:
    return None if name is None else name.value
