"""What was compiled of an operation is kept, as long as its document is among those that were asked last."""

from collections.abc import Iterator, Mapping

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
)

from invito.schema.field_compiler import Collect, Compiled, Grouped, compiled_selection

_EXTENSION = "invito-compiled-operations"
# As many as the parser keeps documents: what is compiled is known by the identity of its nodes.
_MOST_OPERATIONS = 128
# One operation has as many selections as it names types, times what its conditions make of each.
_MOST_SELECTIONS = 256

Fragments = Mapping[str, FragmentDefinitionNode]


class CompiledOperation:
    """An operation, and its selections as far as they were asked for yet."""

    def __init__(self, operation: OperationDefinitionNode, fragments: Fragments) -> None:
        # Held, so that no other node gets the identity of one of its own.
        self.nodes = (operation, fragments)
        self._conditions = sorted(set(_conditions(operation, fragments)))
        self._selections: dict[tuple[object, ...], Compiled | None] = {}

    def selection(
        self, type_: GraphQLObjectType, grouped: Grouped, variables: Mapping[str, object], collect: Collect
    ) -> Compiled | None:
        """What is compiled of this selection of `type_`, None where nothing of it is plain."""
        nodes = [id(one.node) for details in grouped.values() for one in details]
        key = (type_.name, *(variables.get(name) for name in self._conditions), *nodes)
        if key not in self._selections:
            if len(self._selections) >= _MOST_SELECTIONS:
                self._selections.clear()
            self._selections[key] = compiled_selection(type_, grouped, collect)
        return self._selections[key]


def compiled_operation(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments
) -> CompiledOperation:
    """The one that is kept, or a new one, in place of the one that was not asked for the longest."""
    kept: dict[int, CompiledOperation] = schema.extensions.setdefault(_EXTENSION, {})
    known = kept.pop(id(operation), None) or CompiledOperation(operation, fragments)
    kept[id(operation)] = known
    if len(kept) > _MOST_OPERATIONS:
        del kept[next(iter(kept))]
    return known


def _conditions(operation: OperationDefinitionNode, fragments: Fragments) -> Iterator[str]:
    """The variables that @skip and @include look at."""
    left = [operation.selection_set, *(fragment.selection_set for fragment in fragments.values())]
    while left:
        for node in left.pop().selections:
            for directive in node.directives or ():
                if directive.name.value not in ("skip", "include"):
                    continue
                values = (argument.value for argument in directive.arguments or ())
                yield from (value.name.value for value in values if isinstance(value, VariableNode))
            beneath = getattr(node, "selection_set", None)
            if beneath is not None:
                left.append(beneath)
