"""What is selected beneath a field, so that what costs a statement is looked up where it is asked for alone."""

from collections.abc import Iterator

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from invito.schema.operation import Info


def selects(info: Info, name: str) -> bool:
    """Whether a field of this name is selected anywhere beneath; one that @skip may leave out counts as well."""
    left = dict(info._raw_info.fragments)
    return any(name in _names(node.selection_set, left) for node in info._raw_info.field_nodes)


def _names(beneath: SelectionSetNode | None, left: dict[str, FragmentDefinitionNode]) -> Iterator[str]:
    """The fields' names; `left` are the fragments that were not looked into yet."""
    for node in () if beneath is None else beneath.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        if isinstance(node, FieldNode | InlineFragmentNode):
            yield from _names(node.selection_set, left)
        elif isinstance(node, FragmentSpreadNode):
            fragment = left.pop(node.name.value, None)
            yield from _names(None if fragment is None else fragment.selection_set, left)
