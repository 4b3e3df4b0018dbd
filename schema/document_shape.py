"""How wide and how deep a document is, whether it is valid or not: looked at once, fragments where they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

# Selections one within the other, fragments among them: as many as a dialog has three times over.
MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """Fields as often as they are written, and levels of selections one within the other, fragments among them.

    Nobody looks further down than one level beyond MOST_LEVELS.
    """

    fields: int
    levels: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What an operation or a fragment has of its own, and the level at which it spreads each fragment."""

    fields: int
    levels: int
    spreads: Sequence[tuple[str, int]]


def shape_of(document: DocumentNode) -> Shape:
    """The shape. Of fragments that spread each other in a circle, which are not valid, each counts once."""
    executable = [
        one for one in document.definitions if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    parts = [_part_of(one.selection_set) for one in executable]
    fragments = {
        one.name.value: part
        for one, part in zip(executable, parts, strict=True)
        if isinstance(one, FragmentDefinitionNode)
    }
    levels = _Levels(fragments)
    return Shape(
        sum(part.fields for part in parts),
        min(max((levels.of(part) for part in parts), default=0), MOST_LEVELS + 1),
    )


class _Levels:
    """Knows how deep each fragment is, once it was looked at."""

    def __init__(self, fragments: Mapping[str, _Part]) -> None:
        self._fragments = fragments
        self._known: dict[str, int] = {}

    def of(self, part: _Part, within: int = 0) -> int:
        """How deep it is, `within` so many fragments."""
        if within > MOST_LEVELS:
            return part.levels
        deepest = part.levels
        for name, level in part.spreads:
            if name in self._fragments and name not in self._known:
                # What leads back here adds nothing.
                self._known[name] = 0
                self._known[name] = self.of(self._fragments[name], within + 1)
            deepest = max(deepest, level + self._known.get(name, 0))
        return deepest


def _part_of(selections: SelectionSetNode) -> _Part:
    fields, deepest = 0, 0
    spreads: list[tuple[str, int]] = []
    left = [(selections, 1)]
    while left:
        one, level = left.pop()
        deepest = max(deepest, level)
        for selection in one.selections:
            if isinstance(selection, FragmentSpreadNode):
                spreads.append((selection.name.value, level))
                continue
            fields += isinstance(selection, FieldNode)
            beneath: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if beneath is not None:
                left.append((beneath, level + 1))
    return _Part(fields, deepest, spreads)
